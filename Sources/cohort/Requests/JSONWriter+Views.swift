import CohortModel
import CohortWire

extension JSONWriter {
  mutating func member(_ key: String, _ position: Position?) {
    self.key(key)
    if let position { integer(position.rawValue) } else { null() }
  }
}
