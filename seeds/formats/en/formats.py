"""English as in the United States, months in full."""

DATE_FORMAT = "F j, Y"
WEEKDAY_FORMAT = "l, F j, Y"  # ours: of a session
WEEKDAY_MONTH_FORMAT = "l, F j"  # ours: the same where the year is plain
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "F j, Y, g:i A"
UTC_FORMAT = "F j, Y, H:i"  # ours: when work in the background was done
