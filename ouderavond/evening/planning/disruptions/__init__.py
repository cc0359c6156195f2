"""The day it goes wrong: an instructor is ill or comes later, a room is closed, a date moves.

wishes      what somebody says has happened and wants done about it, read and checked
situations  what that means: which rows change, and which conversations cannot stay as they are
substitutes who could take conversations over
document    the problem for the scheduler: those may move freely, all others with the fewest changes
solving     the run that looks for it, in the background, and its proposal
proposing   before and after, per conversation, with who is concerned
applying    carrying a proposal out, as one change that can be undone
telling     one letter to everybody concerned, and nobody else
phones      whom to phone instead
"""
