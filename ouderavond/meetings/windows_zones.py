"""Time zones by the names that Microsoft documents; of the IANA's it lists only few, and not Amsterdam."""

_MEMBERS = {
    "GMT Standard Time": "Europe/London Europe/Dublin Europe/Lisbon Europe/Guernsey Europe/Jersey"
    " Europe/Isle_of_Man Atlantic/Canary Atlantic/Madeira Atlantic/Faroe",
    "Greenwich Standard Time": "Atlantic/Reykjavik Africa/Abidjan Africa/Accra Africa/Dakar",
    "W. Europe Standard Time": "Europe/Amsterdam Europe/Berlin Europe/Vienna Europe/Zurich Europe/Luxembourg"
    " Europe/Rome Europe/Oslo Europe/Stockholm Europe/Monaco Europe/Vaduz Europe/Malta Europe/Andorra"
    " Europe/San_Marino Europe/Vatican Europe/Gibraltar Europe/Busingen Arctic/Longyearbyen",
    "Romance Standard Time": "Europe/Brussels Europe/Paris Europe/Copenhagen Europe/Madrid Africa/Ceuta",
    "Central Europe Standard Time": "Europe/Budapest Europe/Prague Europe/Bratislava Europe/Ljubljana"
    " Europe/Belgrade Europe/Podgorica Europe/Tirane",
    "Central European Standard Time": "Europe/Warsaw Europe/Zagreb Europe/Sarajevo Europe/Skopje",
    "FLE Standard Time": "Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Riga Europe/Tallinn Europe/Vilnius"
    " Europe/Sofia Europe/Mariehamn",
    "GTB Standard Time": "Europe/Athens Europe/Bucharest",
    "Turkey Standard Time": "Europe/Istanbul",
    "Russian Standard Time": "Europe/Moscow",
    "Morocco Standard Time": "Africa/Casablanca",
    "W. Central Africa Standard Time": "Africa/Lagos Africa/Kinshasa Africa/Algiers Africa/Tunis",
    "South Africa Standard Time": "Africa/Johannesburg Africa/Lubumbashi Africa/Kigali Africa/Bujumbura",
    "SA Western Standard Time": "America/Curacao America/Aruba America/Kralendijk America/Lower_Princes"
    " America/Martinique America/Guadeloupe America/Puerto_Rico",
    "SA Eastern Standard Time": "America/Paramaribo America/Cayenne",
    "Mauritius Standard Time": "Indian/Reunion Indian/Mauritius",
    "Newfoundland Standard Time": "America/St_Johns",
    "Atlantic Standard Time": "America/Halifax",
    "Eastern Standard Time": "America/New_York America/Toronto America/Montreal America/Detroit",
    "Central Standard Time": "America/Chicago America/Winnipeg",
    "Mountain Standard Time": "America/Denver America/Edmonton",
    "US Mountain Standard Time": "America/Phoenix",
    "Pacific Standard Time": "America/Los_Angeles America/Vancouver",
    "Alaskan Standard Time": "America/Anchorage",
    "Hawaiian Standard Time": "Pacific/Honolulu",
    "Arabian Standard Time": "Asia/Dubai",
    "India Standard Time": "Asia/Kolkata Asia/Calcutta",
    "Singapore Standard Time": "Asia/Singapore Asia/Kuala_Lumpur",
    "Tokyo Standard Time": "Asia/Tokyo",
    "AUS Eastern Standard Time": "Australia/Sydney Australia/Melbourne",
    "New Zealand Standard Time": "Pacific/Auckland",
    "UTC": "UTC Etc/UTC Etc/GMT",
}
WINDOWS = {iana: windows for windows, members in _MEMBERS.items() for iana in members.split()}
