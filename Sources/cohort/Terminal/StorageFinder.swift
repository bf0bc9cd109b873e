import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import Glibc

/// Where the ledger of a command lies.
enum StorageFinder {
  /// The folder that `--storage` names, or `Storage/ledger` of the checkout that the current folder
  /// is in: the nearest folder upward that holds `Storage/FORMAT.md`.
  static func folder(_ given: String?) throws(Failure) -> String {
    if let given {
      guard !given.isEmpty else { throw .usage("--storage is empty. Give the ledger's folder.") }
      return given
    }
    let disk = PosixDisk()
    var folder = "."
    // As deep as paths can be.
    for _ in 0..<2_048 {
      if (try? disk.identity(at: "\(folder)/Storage/FORMAT.md")) != nil {
        return folder == "." ? "Storage/ledger" : "\(folder)/Storage/ledger"
      }
      let parent = folder == "." ? ".." : "../\(folder)"
      guard let here = try? disk.identity(at: folder), let above = try? disk.identity(at: parent),
        here != above
      else { break }
      folder = parent
    }
    throw .usage(
      "The current folder is not inside a checkout, so there is no default ledger. "
        + "Name its folder with --storage DIR.")
  }

  /// Opens a ledger to write to it; it is begun if there is none.
  static func openToWrite(_ folder: String) throws -> Ledger {
    let ledger = try Ledger.open(folder, for: .create)
    try expectWritable(ledger)
    return ledger
  }

  /// - Throws: Why nothing can be written to a ledger that is open.
  static func expectWritable(_ ledger: Ledger) throws {
    switch ledger.report.condition {
    case .writable: return
    case .damaged(let damage): throw Failure(damage)
    case .lost(let loss): throw LedgerError.storage(LogFailure(.lost(loss)))
    case .readOnly: throw LedgerError.readOnly("it was opened so.")
    }
  }

  /// What is to be said of a ledger that is open, and keeps nothing from working.
  static func warning(of ledger: Ledger) -> String? {
    if case .damaged(let damage) = ledger.report.condition {
      return "warning: \(Failure(damage).message) Read is what stands before it.".harmless
    }
    return ledger.unreadTextsWords.map {
      "warning: In the log \($0): whoever they named may be matched no more. "
        + "Run 'cohort verify' for every place, and 'cohort repair' to bring them back from a backup."
    }
  }

  /// Opens a ledger to read it, beside a process that may be writing.
  ///
  /// Whoever reads without the lock must leave out a last frame that nothing proves. If nobody
  /// writes, the lock is taken for a moment: what a killed writer has left is then settled first.
  static func openToRead(_ folder: String) throws -> Ledger {
    let ledger = try Ledger.open(folder, for: .read)
    guard ledger.report.wasUnproven else { return ledger }
    guard let writer = try? Ledger.open(folder, for: .write) else { return ledger }
    try writer.close()
    return try Ledger.open(folder, for: .read)
  }
}
