"""Spanish as in the United States: its own dates, but hours to twelve and a decimal point, as on every sign there."""

DATE_FORMAT = r"j \d\e F \d\e Y"
WEEKDAY_FORMAT = r"l j \d\e F \d\e Y"
WEEKDAY_MONTH_FORMAT = r"l j \d\e F"
TIME_FORMAT = "g:i a"
DATETIME_FORMAT = r"j \d\e F \d\e Y, g:i a"
UTC_FORMAT = r"j \d\e F \d\e Y, H:i"
YEAR_MONTH_FORMAT = r"F \d\e Y"
# What is typed is read as in English: a day must not change its meaning with the language of the page.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"]
TIME_INPUT_FORMATS = ["%H:%M:%S", "%H:%M"]
DECIMAL_SEPARATOR = "."  # also what <meter value> and JSON read
THOUSAND_SEPARATOR = ","
