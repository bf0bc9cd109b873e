package import CohortModel

/// Where an answer stands (RULES §1).
package struct AsOfShape: Hashable, Sendable {
  package var position: Position
  package var instant: Instant
  /// The position lies within a request, of which only a part is seen.
  package var cutsRequest: Bool

  package init(_ position: Position, _ instant: Instant, cutsRequest: Bool = false) {
    self.position = position
    self.instant = instant
    self.cutsRequest = cutsRequest
  }
}

extension JSONWriter {
  /// Writes where a question stands: `"as_of":{"position":41,"time":"…"}`.
  package mutating func asOf(_ moment: AsOfShape, key: String = "as_of") {
    self.key(key)
    object {
      $0.member("position", moment.position)
      $0.member("time", moment.instant)
      if moment.cutsRequest { $0.member("cuts_request", true) }
    }
  }

  /// Writes when something happened, or null if it did not: `{"position":41,"time":"…"}`.
  mutating func happened(_ key: String, _ at: (position: Position, time: Instant)?) {
    self.key(key)
    guard let at else { return null() }
    object {
      $0.member("position", at.position)
      $0.member("time", at.time)
    }
  }

  mutating func users(_ key: String, _ users: some Sequence<UserShape>) {
    self.key(key)
    array { json in for user in users { json.listed(user) } }
  }
}
