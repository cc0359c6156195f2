"""Our pages inside those of others, such as a tab of Teams: who may show them, and who somebody is there.

A browser does not send the platform's session cookie into a frame of another site. So whoever signs in there
does it in a window of its own, which gives the frame a code; the frame exchanges it for a cookie that the
browser keeps for this site within that other site alone, and that opens the portal alone.
"""
