"""What was promised is done: jobs run at least once, timers outlive the process, followers lose no change."""
