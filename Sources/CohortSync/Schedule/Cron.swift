import CohortWire

/// Moments of a wall clock: five fields, minute, hour, day of month, month, day of week.
///
///     0 6 * * 1-5        at six, Monday to Friday
///     */15 8-18 1,15 jan-mar *
///
/// A field is `*`, a number, a range, each also with a step, or a list of these. Months and days
/// of the week have names too; Sunday is 0 and 7. If both the day of the month and the day of the
/// week are restricted, which is if neither begins with `*`, a day needs to fit only one of them.
package struct Cron: Hashable, Sendable {
  package let text: String
  private let minutes: UInt64
  private let hours: UInt64
  private let days: UInt64
  private let months: UInt64
  private let weekdays: UInt64
  private let isEither: Bool

  /// - Throws: ``CronError`` for what is no such text, and for days that no year has.
  package init(_ text: String) throws(CronError) {
    let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard fields.count == 5 else { throw CronError(.fieldCount(fields.count), field: nil) }
    self.text = fields.joined(separator: " ")
    minutes = try CronField.minute.read(fields[0])
    hours = try CronField.hour.read(fields[1])
    days = try CronField.day.read(fields[2])
    months = try CronField.month.read(fields[3])
    let weekdays = try CronField.weekday.read(fields[4])
    self.weekdays = (weekdays | weekdays >> 7) & 0x7F
    isEither = fields[2].first != "*" && fields[4].first != "*"
    let longest = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    let hasDay = (1...12).contains { month in
      months >> UInt64(month) & 1 == 1
        && (1...longest[month]).contains { days >> UInt64($0) & 1 == 1 }
    }
    guard isEither || hasDay else { throw CronError(.noSuchDay, field: nil) }
  }

  /// Whether a minute of the wall clock, counted from 1970-01-01 00:00 of that clock, is one of
  /// them.
  package func contains(_ minute: Int) -> Bool {
    let day = minute.flooredQuotient(1_440)
    let ofDay = minute - day * 1_440
    return minutes >> UInt64(ofDay % 60) & 1 == 1 && hours >> UInt64(ofDay / 60) & 1 == 1
      && contains(day: day)
  }

  private func contains(day: Int) -> Bool {
    let date = CivilDay(dayNumber: day)
    guard months >> UInt64(date.month) & 1 == 1 else { return false }
    // 1970-01-01 was a Thursday.
    let weekday = (day + 4) - (day + 4).flooredQuotient(7) * 7
    let fits = (days >> UInt64(date.day) & 1 == 1, weekdays >> UInt64(weekday) & 1 == 1)
    return isEither ? fits.0 || fits.1 : fits.0 && fits.1
  }

  /// The first of these minutes behind `minute`.
  ///
  /// - Returns: `nil` if there is none within sixty years.
  /// - Complexity: Looks at each day once.
  package func next(after minute: Int) -> Int? {
    let start = minute + 1
    let first = start.flooredQuotient(1_440)
    for day in first..<first + 366 * 60 where contains(day: day) {
      for hour in 0..<24 where hours >> UInt64(hour) & 1 == 1 {
        for minute in 0..<60 where minutes >> UInt64(minute) & 1 == 1 {
          let found = day * 1_440 + hour * 60 + minute
          if found >= start { return found }
        }
      }
    }
    return nil
  }
}

extension Int {
  /// Division that rounds down, also below zero.
  func flooredQuotient(_ divisor: Int) -> Int {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}

/// One of the five fields.
private struct CronField {
  let name: String
  let range: ClosedRange<Int>
  let names: [String]
  /// The number of the first name.
  let firstName: Int

  static let minute = CronField(name: "minute", range: 0...59, names: [], firstName: 0)
  static let hour = CronField(name: "hour", range: 0...23, names: [], firstName: 0)
  static let day = CronField(name: "day of month", range: 1...31, names: [], firstName: 0)
  static let month = CronField(
    name: "month", range: 1...12,
    names: [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ], firstName: 1)
  static let weekday = CronField(
    name: "day of week", range: 0...7,
    names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"], firstName: 0)

  /// The numbers of a field as bits.
  func read(_ text: Substring) throws(CronError) -> UInt64 {
    var bits: UInt64 = 0
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      bits |= try read(part: part)
    }
    return bits
  }

  private func read(part: Substring) throws(CronError) -> UInt64 {
    let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let base = pieces.first else { throw error }
    let range: ClosedRange<Int>
    if base == "*" {
      range = self.range
    } else {
      let ends = base.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      guard let low = ends.first.flatMap(number), let high = ends.last.flatMap(number) else {
        throw error
      }
      guard low <= high else { throw CronError(.backwards, field: name) }
      guard ends.count == 2 || pieces.count == 1 else { throw error }
      range = low...high
    }
    var step = 1
    if pieces.count == 2 {
      guard let given = digits(pieces[1]), given > 0 else { throw error }
      step = given
    }
    return stride(from: range.lowerBound, through: range.upperBound, by: step)
      .reduce(0) { $0 | 1 << UInt64($1) }
  }

  private func number(_ text: Substring) -> Int? {
    if let index = names.firstIndex(of: text.lowercased()) { return index + firstName }
    guard let number = digits(text), range.contains(number) else { return nil }
    return number
  }

  private func digits(_ text: Substring) -> Int? {
    guard (1...4).contains(text.utf8.count) else { return nil }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }

  private var error: CronError {
    CronError(.outside(range.lowerBound, range.upperBound), field: name)
  }
}

/// Why a text is no schedule.
package struct CronError: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case fieldCount(Int)
    case outside(Int, Int)
    case backwards
    case noSuchDay
  }

  package let reason: Reason
  /// Such as `day of week`; `nil` for the whole text.
  package let field: String?

  package init(_ reason: Reason, field: String?) { (self.reason, self.field) = (reason, field) }
}

extension CronError: CustomStringConvertible {
  package var description: String {
    let field = field ?? "whole"
    return switch reason {
    case .fieldCount(let count):
      "'schedule.cron' has \(count) field\(count == 1 ? "" : "s"). "
        + "Write five: minute, hour, day of month, month, day of week."
    case .outside(let low, let high):
      "The \(field) of 'schedule.cron' is not understood. "
        + "Write *, numbers from \(low) to \(high), ranges such as \(low)-\(high), steps such as "
        + "*/5, and lists of these."
    case .backwards:
      "The \(field) of 'schedule.cron' has a range that runs backwards. "
        + "Write the smaller end first."
    case .noSuchDay:
      "No year has such a day as 'schedule.cron' asks for. Correct the day or the month."
    }
  }
}
