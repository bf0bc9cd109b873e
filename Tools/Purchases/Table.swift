import CohortWire
import Foundation
import TestSupport

/// One line of the table: what a customer bought on a day.
struct Purchase {
  let customer: Int
  /// Days since 1970-01-01.
  let day: Int
  let cents: Int
}

/// The purchases of the CDNOW customers, or generated ones of the same shape.
///
///      customer_id  date number_of_cds  dollar_value
///      00001 19970101  1   11.77
struct Table {
  let purchases: [Purchase]
  /// Where they are from, for people.
  let origin: String

  var firstDay: Int { purchases.map(\.day).min() ?? 0 }
  var lastDay: Int { purchases.map(\.day).max() ?? 0 }
  var weeks: Range<Int> { 0..<(lastDay - firstDay) / 7 + 1 }

  /// The last day of a week.
  func end(ofWeek week: Int) -> Int { firstDay + 7 * week + 6 }

  /// Reads the table at `path`, or makes one if there is none.
  ///
  /// - Parameters:
  ///   - path: Of `CDNOW_master.txt`.
  ///   - customersMax: Takes only the first customers.
  /// - Throws: ``TableError`` if a line is no purchase.
  init(at path: String, customersMax: Int) throws(TableError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      self.init(generatedFor: min(customersMax, 23_570))
      return
    }
    self.init(
      purchases: try Self.parse(String(decoding: data, as: UTF8.self), customersMax: customersMax),
      origin: "CDNOW, \(path.split(separator: "/").last ?? "")")
    if purchases.isEmpty { throw TableError(line: 1) }
  }

  private static func parse(
    _ text: String, customersMax: Int
  ) throws(TableError) -> [Purchase] {
    var purchases: [Purchase] = []
    for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n")).enumerated() {
      let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
      let isHeader = index == 0 && words.first?.elementsEqual("customer_id".utf8) ?? false
      if words.isEmpty || isHeader { continue }
      guard words.count == 4, let customer = Int(Substring(words[0])),
        let date = Int(Substring(words[1])), let cents = Self.cents(words[3]),
        let day = CivilDay(year: date / 10_000, month: date / 100 % 100, day: date % 100)
      else { throw TableError(line: index + 1) }
      if customer > customersMax { break }
      purchases.append(Purchase(customer: customer, day: day.dayNumber, cents: cents))
    }
    return purchases
  }

  /// Reads dollars such as `11.77`.
  private static func cents(_ word: Substring.UTF8View) -> Int? {
    let parts = word.split(separator: UInt8(ascii: "."))
    guard parts.count == 2, parts[1].count == 2 else { return nil }
    guard let dollars = Int(Substring(parts[0])), let cents = Int(Substring(parts[1])) else {
      return nil
    }
    return dollars * 100 + cents
  }

  /// Everybody buys first in the first twelve weeks, half of them never again, some every few
  /// weeks.
  private init(generatedFor customers: Int) {
    var random = SeededRandom(seed: 1997)
    let first = 9_862  // 1997-01-01
    let last = 10_407  // 1998-06-30
    var purchases: [Purchase] = []
    for customer in 1...max(customers, 1) {
      var day = first + random.below(84)
      let rhythm = random.once(in: 2) ? 1_000 : 5 + random.below(120)
      while day <= last {
        let cents = 500 + random.below(random.once(in: 8) ? 20_000 : 4_000)
        purchases.append(Purchase(customer: customer, day: day, cents: cents))
        day += random.once(in: 20) ? 0 : 1 + random.below(2 * rhythm)
      }
    }
    self.init(
      purchases: purchases, origin: "generated, because the CDNOW table is not there")
  }

  private init(purchases: [Purchase], origin: String) {
    self.purchases = purchases
    self.origin = origin
  }
}

/// A line that is no purchase.
struct TableError: Error, CustomStringConvertible {
  let line: Int

  var description: String {
    "Line \(line) of the table is not a customer, a day, a number and dollars. "
      + "Give the path of CDNOW_master.txt."
  }
}
