import CohortFormat
import CohortLog
import CohortModel

package struct HistoryOptions: Sendable { package init() {} }
package struct History: Sendable {
  init(_ options: HistoryOptions) {}
  init?(from: Span<UInt8>, _ options: HistoryOptions, _ tiles: TileStore) {}
  mutating func apply(_ event: Event, at: Position, _ time: Instant) {}
  mutating func settle(_ m: Memberships) {}
  func append(to bytes: inout [UInt8]) {}
  func spill(to: TileStore) {}
}
struct HistoryRebuild {
  var m: Memberships
  var h: History
  init(_ h: History, _ m: Memberships, _ t: TileStore) { self.m = m; self.h = h }
  mutating func take(_ e: Event, at: Position, _ t: Instant) {}
  func finish() -> (History, [(CohortID, LiveUsers)]) { (h, []) }
}
final class TileStore: Sendable {
  init(in: StorageFolder, of: LedgerID, on: any Disk, isReadOnly: Bool) {}
  func clear() {}
}
