import CohortModel

/// Set algebra over 1.6 M, 1.0 M and 0.8 M of ten million users; `roaring.py` is the peer.
func benchAlgebra() {
  var noise = Noise(state: 3)
  let members = [1_600_000, 1_000_000, 800_000].map { noise.users($0, of: 10_000_000) }
  let sets = members.map { LiveUsers(sorted: $0.span) }
  let (a, b, c) = (sets[0], sets[1], sets[2])
  let expression = SetExpression.difference(.union([.users(a), .users(b)]), minus: .users(c))
  let oracle = Set(members[0]).union(members[1]).subtracting(members[2])
  precondition(expression.evaluated().count == oracle.count, "the evaluation went wrong")

  let bytesEach = Double(a.memory) / Double(a.count)
  print("1.6 M of 10 M at rest take \(rounded(bytesEach, 2)) bytes each (target 2)")
  printTime("(A union B) minus C", target: "CRoaring, about 147 µs") {
    expression.evaluated().count
  }
  printTime("(A union B) minus C, only the count") { expression.count }
  printCost("list 1.6 M of 10 M", "user", count: a.count, target: "237 M") { a.users.count }

  let few = PackedUsers(sorted: noise.users(1_000, of: 10_000_000).span)
  printTime("filter 1,000 by 1.6 M of 10 M") { a.filtered(by: few).bytes.count }
  benchWriting(a)
  benchSorting()
}

/// What a request of 1,000 users costs the writer, alone and with a reader's copy held.
private func benchWriting(_ start: LiveUsers) {
  var noise = Noise(state: 5)
  var absent: [UInt32] = []
  start.selectAbsent(from: noise.users(1_000, of: 10_000_000).span, into: &absent)
  var set = start
  set.insert(sorted: absent.span)
  printCost("select, insert and remove in 1.6 M of 10 M", "user", count: 2 * absent.count) {
    var selected: [UInt32] = []
    selected.reserveCapacity(absent.count)
    set.selectAbsent(from: absent.span, into: &selected)
    return set.remove(sorted: absent.span) + set.insert(sorted: absent.span)
  }
  printCost("insert with a reader's copy held", "user", count: absent.count) {
    var copy = start
    return copy.insert(sorted: absent.span)
  }
  var small = LiveUsers(sorted: noise.users(50_000, of: 10_000_000).span)
  small.insert(sorted: absent.span)
  printCost("insert and remove in 50,000 of 10 M", "user", count: 2 * absent.count) {
    small.remove(sorted: absent.span) + small.insert(sorted: absent.span)
  }
}

private func benchSorting() {
  var (sorter, noise) = (UserSorter(), Noise(state: 6))
  for count in [1_000, 1_000_000] {
    let users = (0..<count).map { _ in UInt32.random(in: 1...1_000_000, using: &noise) }
    var work = users
    printTime("sort \(count) users of 1 M") {
      work.removeAll(keepingCapacity: true)
      work.append(contentsOf: users)
      sorter.sortDistinct(&work)
      return work.count
    }
  }
}
