"""Online meetings and the instructors' calendars: what should be there, what is, and the job in between.

`wanted` says which events should be there, from what people were told. `rows` keeps what is known of those in
other systems, one Evening Meeting each. `comparing` says what is to be done, and `job` has it done by a
provider of `ouderavond.meetings`, after the commit of whatever changed, and every five minutes.
"""
