import CohortLedger
import CohortServer

/// Where a command runs.
enum Place: Sendable {
  /// In a process of its own, which opens the storage.
  case own
  /// In the server of a storage folder, on the ledger that it has open, with the console that it
  /// serves.
  case server(Ledger, folder: String, Sessions)
}

/// What becomes of a command while a server has the ledger open.
enum BesideServer: Sendable {
  /// The server carries it out.
  case inServer
  /// The server carries it out, and nobody else can.
  case onlyInServer
  /// It does not need the ledger, and runs where it was called.
  case apart
  /// It needs the ledger for itself: the server must be stopped first.
  case never
}
