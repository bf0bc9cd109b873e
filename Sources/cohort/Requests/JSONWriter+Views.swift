import CohortLedger
import CohortModel
import CohortWire

extension JSONWriter {
  /// Says where an answer stands.
  mutating func asOf(_ view: View, _ key: String = "as_of") {
    self.key(key)
    object {
      $0.member("position", view.position)
      $0.member("time", view.instant)
      if view.cutsRequest { $0.member("cuts_request", true) }
    }
  }

  mutating func member(_ key: String, _ position: Position?) {
    self.key(key)
    if let position { integer(position.rawValue) } else { null() }
  }
}
