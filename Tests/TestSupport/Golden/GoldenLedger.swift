import CohortFormat
package import CohortLedger
import CohortLog
import CohortModel

/// Opens a copy of a frozen log on a simulated disk, as a server would.
package func goldenLedger(
  _ log: [UInt8], on disk: SimulatedDisk = SimulatedDisk()
) throws -> Ledger {
  try disk.makeDirectory("/ledger")
  try disk.place(log, at: "/ledger/events.log")
  return try Ledger.open(
    "/ledger", for: .write, on: disk, clock: SimulatedClock(), random: SeededRandomSource(seed: 9),
    options: .small)
}

extension Ledger {
  /// The last event that was frozen: a start behind a torn tail adds one that says so.
  package var goldenEnd: UInt64 { report.chain.position.rawValue }
}
