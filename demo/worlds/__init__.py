"""Small companies as workspaces: a repository, workbooks, a table file, a shop database and a knowledge base."""
