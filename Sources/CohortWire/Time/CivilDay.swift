/// A day of the Gregorian calendar, extended to all years.
package struct CivilDay: Hashable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int

  /// - Returns: `nil` for a day that the calendar does not have.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), day >= 1 else { return nil }
    guard day <= Self.length(ofMonth: month, year: year) else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // The year is taken to begin with March, so that the leap day is its last. The months from
  // March have 31 30 31 30 31 | 31 30 31 30 31 | 31 .. days, which (153 × month + 2) / 5 sums up.
  // Four hundred years have 146,097 days; 0000-03-01 lies 719,468 days before 1970-01-01.

  /// Days since 1970-01-01.
  package var dayNumber: Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = floorDivide(marchYear, 400)
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  package init(dayNumber: Int) {
    let era = floorDivide(dayNumber + 719_468, 146_097)
    let dayOfEra = dayNumber + 719_468 - era * 146_097
    // Takes out the leap days, so that every year counts 365.
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = (marchMonth + 2) % 12 + 1
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

/// Division that rounds down, also below zero.
func floorDivide(_ value: Int, _ divisor: Int) -> Int {
  value / divisor - (value % divisor < 0 ? 1 : 0)
}
