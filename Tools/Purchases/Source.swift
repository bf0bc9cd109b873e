/// The models that are synchronised into cohorts of the same name.
enum Model: String, CaseIterable {
  /// At least two purchase days in the last 12 weeks.
  case repeatBuyers = "repeat-buyers"
  /// At least 100 dollars in the last 26 weeks.
  case bigSpenders = "big-spenders"
  /// Bought once or more, and nothing for 26 weeks.
  case lapsed
}

/// Customers who turn out to be one person, and when the source learns of it.
struct Pairs {
  /// From the first day of this week on, the source knows.
  let week: Int
  private let customers: Set<Int>

  init(week: Int, among table: Table) {
    self.week = week
    customers = Set(table.purchases.map(\.customer))
  }

  /// The fixed rule: every customer whose number ends in 3 is the same person as the next one.
  func survivor(of customer: Int) -> Int {
    customer % 10 == 3 && customers.contains(customer + 1) ? customer + 1 : customer
  }

  func isMergedAway(_ customer: Int) -> Bool { survivor(of: customer) != customer }
}

/// What a warehouse computes week by week, with the purchases of each customer in order.
///
/// Shares nothing with ``naiveMembers(of:in:endingOn:)``, which every answer is checked against.
struct Source {
  private struct History {
    var days: [Int] = []
    /// Of all purchases up to and with that of the same index.
    var cents: [Int] = []

    mutating func add(_ purchase: Purchase) {
      days.append(purchase.day)
      cents.append((cents.last ?? 0) + purchase.cents)
    }

    /// How many purchases lie on or before `day`.
    func count(through day: Int) -> Int {
      var (low, high) = (0, days.count)
      while low < high {
        let middle = (low + high) / 2
        if days[middle] <= day { low = middle + 1 } else { high = middle }
      }
      return low
    }

    func belongs(to model: Model, on day: Int) -> Bool {
      let end = count(through: day)
      guard end > 0 else { return false }
      switch model {
      case .repeatBuyers:
        let start = count(through: day - 84)
        return end - start >= 2 && days[start] != days[end - 1]
      case .bigSpenders:
        let start = count(through: day - 182)
        return cents[end - 1] - (start == 0 ? 0 : cents[start - 1]) >= 10_000
      case .lapsed:
        return days[end - 1] <= day - 182
      }
    }
  }

  private var histories: [Int: History] = [:]

  /// - Parameters:
  ///   - purchases: In any order.
  ///   - survivor: Whose purchase it is.
  init(_ purchases: [Purchase], survivor: (Int) -> Int = { $0 }) {
    for purchase in purchases.sorted(by: { $0.day < $1.day }) {
      histories[survivor(purchase.customer), default: History()].add(purchase)
    }
  }

  func members(of model: Model, endingOn day: Int) -> Set<Int> {
    Set(histories.lazy.filter { $0.value.belongs(to: model, on: day) }.map(\.key))
  }
}
