package import CohortModel

/// The small pools that generated commands draw from, so that they meet each other often.
package struct Vocabulary: Sendable {
  package var externalIDs: [Text] = (1...14).map { Text("c\($0)") }
  package var labels: [Text] = ["email", "phone"]
  package var aliasNames: [Text] = (1...8).map { Text("a\($0)") }
  package var devices: [Text] = (1...8).map { Text("d\($0)") }
  package var partners: [Text] = ["hightouch", "segment"]
  package var cohorts: [Text] = ["vip", "beta", "lapsed", "new", "optout"]
  /// Numbers of users, segments, campaigns, keys and erasures are guessed from 1 to this.
  package var numberMax = 4

  package init() {}

  /// Identifiers that nobody can have, and those at the edge of what somebody can.
  static let oddities: [Text] = [
    Text(""), Text(bytes: [0x61, 0, 0x62]), Text(bytes: .init(repeating: 0x78, count: 1_025)),
    Text(bytes: .init(repeating: 0x78, count: 1_024)),
    Text("x" + String(repeating: "\u{20AC}", count: 400)), Text("e\u{301}"), Text("\u{e9}"),
  ]

  /// SHA-256 stands for the secret; here any number does.
  package static func digest(_ kind: KeyKind, _ number: Int) -> Digest {
    Digest(0xC0DE, UInt64(kind.rawValue), UInt64(number), 1)
  }
}

extension SeededRandom {
  /// One of a few things; the list must not be empty.
  package mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

  /// Returns `true` so many times in a hundred.
  package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  mutating func maybe<Value>(_ percent: Int, _ value: (inout Self) -> Value) -> Value? {
    chance(percent) ? value(&self) : nil
  }

  /// Few more often than many, from 0 to `most`.
  mutating func few(_ most: Int) -> Int { min(below(most + 1), below(most + 1)) }

  mutating func list<Value>(_ count: Int, _ value: (inout Self) -> Value) -> [Value] {
    var list: [Value] = []
    for _ in 0..<count { list.append(value(&self)) }
    return list
  }
}
