"""What a meeting is: plain facts and rules, no HTTP, no engine, no clock."""
