/// The time as `Date` fields have it: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// - `seconds`: Since 1970-01-01T00:00:00Z; at least 0.
  static func text(_ seconds: Int) -> [UInt8] {
    let day = seconds / 86_400
    let (year, month, date) = civil(day)
    let clock = seconds % 86_400
    var bytes: [UInt8] = []
    bytes.reserveCapacity(29)
    bytes.append(contentsOf: days[day % 7].utf8)
    bytes.append(contentsOf: ", ".utf8)
    append(date, to: &bytes)
    bytes.append(Byte.space)
    bytes.append(contentsOf: months[month - 1].utf8)
    bytes.append(Byte.space)
    bytes.append(decimal: UInt64(year))
    bytes.append(Byte.space)
    append(clock / 3_600, to: &bytes)
    bytes.append(Byte.colon)
    append(clock / 60 % 60, to: &bytes)
    bytes.append(Byte.colon)
    append(clock % 60, to: &bytes)
    bytes.append(contentsOf: " GMT".utf8)
    return bytes
  }

  private static func append(_ two: Int, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: 0x30 + two / 10))
    bytes.append(UInt8(truncatingIfNeeded: 0x30 + two % 10))
  }

  /// The date of a day since 1970-01-01.
  ///
  /// Years are counted from March, so that the day that is sometimes missing is their last; 400 of
  /// them have 146,097 days.
  private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let isLate = month >= 10
    return (
      year + era * 400 + (isLate ? 1 : 0), isLate ? month - 9 : month + 3,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }
}
