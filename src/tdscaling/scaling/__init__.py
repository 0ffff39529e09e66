"""The fixed-budget experiment: does diversity buy more than volume?"""
