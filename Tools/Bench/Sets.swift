import CohortModel

/// How long it takes to pack, rebuild, change, combine and list sets of users.
func benchSets() {
  benchPacked()
  benchFold()
  benchAlgebra()
}

private func benchPacked() {
  var noise = Noise(state: 1)
  let sets = (0..<64).map { _ in noise.users(1_000, of: 10_000_000) }
  let packed = sets.map { PackedUsers(sorted: $0.span) }
  let bytes = packed.reduce(0) { $0 + $1.bytes.count }
  print("1,000 of 10 M take \(bytes / 64) bytes (target 1920)")
  printCost("pack 1,000 of 10 M", "user", count: 64_000) {
    sets.reduce(0) { $0 + PackedUsers(sorted: $1.span).bytes.count }
  }
  printCost("unpack 1,000 of 10 M", "user", count: 64_000) {
    packed.reduce(0) { $0 + $1.users.count }
  }
  printCost("check 1,000 of 10 M", "user", count: 64_000) {
    packed.reduce(0) { $0 + ((try? PackedUsers.check($1.bytes.span, at: 0)) ?? 0) }
  }
  let questions = (0..<64).flatMap { set in
    (0..<16).map { $0 < 8 ? sets[set][$0 * 120] : UInt32.random(in: 1...10_000_000, using: &noise) }
  }
  printCost("is a user in 1,000 of 10 M", "question", count: questions.count, target: "80 ns") {
    var found = 0
    for index in questions.indices where packed[index / 16].contains(questions[index]) {
      found += 1
    }
    return found
  }
}
