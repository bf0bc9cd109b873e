/// The members of a model, straight from the transactions, in as few words as possible.
func naiveMembers(of model: Model, in purchases: [Purchase], endingOn day: Int) -> Set<Int> {
  let past = purchases.filter { $0.day <= day }
  switch model {
  case .repeatBuyers:
    var days: [Int: Set<Int>] = [:]
    for purchase in past where day - purchase.day < 12 * 7 {
      days[purchase.customer, default: []].insert(purchase.day)
    }
    return Set(days.filter { $0.value.count >= 2 }.keys)
  case .bigSpenders:
    var cents: [Int: Int] = [:]
    for purchase in past where day - purchase.day < 26 * 7 {
      cents[purchase.customer, default: 0] += purchase.cents
    }
    return Set(cents.filter { $0.value >= 10_000 }.keys)
  case .lapsed:
    let recent = past.filter { day - $0.day < 26 * 7 }
    return Set(past.map(\.customer)).subtracting(recent.map(\.customer))
  }
}

/// The members of every model at the end of every week.
struct NaiveWeeks {
  private var weeks: [[Model: Set<Int>]] = []

  init(_ table: Table, pairs: Pairs? = nil) {
    let merged = pairs.map { pairs in
      table.purchases.map {
        Purchase(customer: pairs.survivor(of: $0.customer), day: $0.day, cents: $0.cents)
      }
    }
    for week in table.weeks {
      let isMerged = pairs.map { week >= $0.week } ?? false
      let purchases = (isMerged ? merged : nil) ?? table.purchases
      var members: [Model: Set<Int>] = [:]
      for model in Model.allCases {
        members[model] = naiveMembers(
          of: model, in: purchases, endingOn: table.end(ofWeek: week))
      }
      weeks.append(members)
    }
  }

  func members(of model: Model, inWeek week: Int) -> Set<Int> { weeks[week][model] ?? [] }
}
