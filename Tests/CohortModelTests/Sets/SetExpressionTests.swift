import Testing

@testable import CohortModel

@Suite struct `An expression of sets` {
  @Test func `of two leaves agrees with sets of the library for every pair of small sets`() {
    let subsets = everySubset(of: 5, times: 2, from: 65_531)
    for a in subsets {
      for b in subsets {
        let (setA, setB) = (Set(a), Set(b))
        let (leafA, leafB) = (leaf(a), leaf(b))
        expect(.union([leafA, leafB]), is: setA.union(setB))
        expect(.intersection([leafA, leafB]), is: setA.intersection(setB))
        expect(.difference(leafA, minus: leafB), is: setA.subtracting(setB))
      }
    }
  }

  @Test func `of two leaves agrees for every pair of layouts`() {
    let sets = tellingSets.filter { (1...70_000).contains($0.count) }
    let layouts = sets.map { (Set($0), leaf($0)) }
    for (setA, leafA) in layouts {
      for (setB, leafB) in layouts {
        // The sizes say enough where the members would take long to compare.
        let both = setA.intersection(setB).count
        let unions = SetExpression.union([leafA, leafB]).evaluated()
        #expect(unions.count == setA.count + setB.count - both)
        #expect(SetExpression.intersection([leafA, leafB]).evaluated().count == both)
        let difference = SetExpression.difference(leafA, minus: leafB)
        #expect(difference.count == setA.count - both)
        #expect(difference.evaluated().count == setA.count - both)
      }
    }
  }

  @Test(arguments: UInt64(1)...40) func `agrees as a random tree`(seed: UInt64) {
    var dice = Dice(seed)
    let leaves = (0..<6).map { _ in
      let count = [0, 3, 900, 5_000, 30_000].randomElement(using: &dice) ?? 0
      return some(count, of: 1...140_000, &dice)
    }
    for _ in 0..<4 {
      let (expression, oracle) = tree(of: leaves, depth: 4, &dice)
      expect(expression, is: oracle)
    }
  }

  @Test func `of no operands is nobody`() {
    expect(.union([]), is: [])
    expect(.intersection([]), is: [])
    expect(.difference(.union([]), minus: leaf([1])), is: [])
    expect(.union([.intersection([]), leaf([7])]), is: [7])
  }

  @Test func `can be a complement within a universe`() {
    let universe = LiveUsers(sorted: Array(1...200_000).span)
    let members = Set(stride(from: UInt32(5), through: 150_000, by: 3))
    let complement = SetExpression.complement(of: leaf(members.sorted()), in: universe)
    expect(complement, is: Set(1...200_000).subtracting(members))
    expect(.complement(of: complement, in: universe), is: members)
  }

  @Test func `shares untouched chunks, and is not changed with its leaves`() {
    var a = LiveUsers(sorted: Array(1...70_000).span)
    let union = SetExpression.union([.users(a), leaf([1 << 20])]).evaluated()
    a.remove(sorted: Array(1...70_000).span)
    #expect(union.users == Array(1...70_000) + [1 << 20])
    var changed = union
    changed.remove(sorted: [1, 69_999].span)
    #expect(union.count == 70_001 && changed.count == 69_999)
  }

  @Test func `filters a packed set by a live one`() {
    for members in tellingSets {
      for asked in tellingSets where asked.count < 5_000 {
        let users = LiveUsers(PackedUsers(sorted: members.span))
        let both = Set(asked).intersection(members).sorted()
        let filtered = users.filtered(by: PackedUsers(sorted: asked.span))
        #expect(filtered == PackedUsers(sorted: both.span))
      }
    }
  }
}

private func leaf(_ users: [UInt32]) -> SetExpression { .users(LiveUsers(sorted: users.span)) }

private func expect(_ expression: SetExpression, is oracle: Set<UInt32>) {
  let users = expression.evaluated()
  #expect(users.users == oracle.sorted())
  #expect(users.count == oracle.count)
  #expect(expression.count == oracle.count)
}

/// A random expression over `leaves`, and the set that it must come to.
private func tree(
  of leaves: [[UInt32]], depth: Int, _ dice: inout Dice
) -> (SetExpression, Set<UInt32>) {
  let kind = depth == 0 ? 0 : Int.random(in: 0...3, using: &dice)
  if kind == 0 {
    let users = leaves.randomElement(using: &dice) ?? []
    var set = LiveUsers()
    set.insert(sorted: users.span)
    return (.users(Bool.random(using: &dice) ? set : set.compacted()), Set(users))
  }
  let parts = (0..<(kind == 3 ? 2 : Int.random(in: 1...3, using: &dice))).map { _ in
    tree(of: leaves, depth: depth - 1, &dice)
  }
  var oracle = parts[0].1
  switch kind {
  case 1:
    for part in parts { oracle.formUnion(part.1) }
    return (.union(parts.map(\.0)), oracle)
  case 2:
    for part in parts { oracle.formIntersection(part.1) }
    return (.intersection(parts.map(\.0)), oracle)
  default:
    oracle.subtract(parts[1].1)
    return (.difference(parts[0].0, minus: parts[1].0), oracle)
  }
}
