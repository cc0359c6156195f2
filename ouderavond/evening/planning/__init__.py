"""What staff do with the conversations of an evening: the board, runs, blocks, and the day it goes wrong."""
