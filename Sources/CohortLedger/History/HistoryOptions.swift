/// How finely the past is cut.
///
/// The defaults are for servers; tests make everything small.
package struct HistoryOptions: Hashable, Sendable {
  /// A block of changes is closed at about so many bytes; it is the unit of reading.
  package var blockSize = 32 << 10
  /// A base is due after so many users have come or gone, or as many as there are members, at most.
  package var changesMin = 4_096
  package var changesMax = 262_144
  /// A base is due after so many changes of any size.
  package var rowsMax = 4_096
  /// A base is cut into pieces of about so many bytes, so that a question about one user reads one.
  package var pieceSize = 32 << 10
  /// How much a rebuild gathers from the log before it folds, in bytes.
  package var gatherSize = 64 << 20
  /// On how many threads it folds.
  package var threadCount = 2

  package init() {}
}
