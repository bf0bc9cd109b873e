package import CohortLog
import CohortModel
package import Synchronization

/// A reader that is used from within a call of the disk.
package final class ReaderBox: Sendable {
  package let reader = Mutex<LogReader?>(nil)
  package let found = Mutex<[UInt8]>([])

  package init() {}

  package func read() {
    let reader = reader.withLock { $0 }
    guard let frame = try? reader?.frame(containing: Position(1)) else { return }
    found.withLock { $0 = frame.bytes }
  }
}
