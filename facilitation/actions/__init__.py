"""What people do: one function per command. Each takes `work` first and returns plain facts."""
