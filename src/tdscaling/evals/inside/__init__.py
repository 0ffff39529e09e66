"""Scripts that run in the environments of benchmarks. They import nothing of ours, and nothing of ours imports them."""
