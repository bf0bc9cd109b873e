import CohortLog
import CohortModel
import Synchronization

/// A part of the past that does not change any more: in memory first, later in the cache file.
protocol SealedPart: AnyObject, Sendable {
  var isSpilled: Bool { get }

  /// Writes the part and drops it from memory. Does nothing if it is spilled, or cannot be.
  func spill(to store: TileStore)
}

/// A closed block of changes.
final class SealedBlock: SealedPart {
  enum Content: Sendable {
    case memory(HistoryBlock)
    case spilled(TileStore, CachedBytes)
  }

  private let content: Mutex<Content>

  init(_ content: Content) { self.content = Mutex(content) }

  var now: Content { content.withLock { $0 } }

  var isSpilled: Bool {
    if case .spilled = now { true } else { false }
  }

  /// The block, or `nil` if it lies in a file that does not give it back.
  func load() -> HistoryBlock? {
    switch now {
    case .memory(let block): return block
    case .spilled(let store, let place):
      guard let bytes = store.read(place) else { return nil }
      var cursor = SnapshotCursor()
      return try? HistoryBlock.read(bytes.span, at: &cursor, checkingSets: false)
    }
  }

  func spill(to store: TileStore) {
    guard case .memory(let block) = now else { return }
    var bytes: [UInt8] = []
    block.append(to: &bytes)
    guard let place = store.append(bytes.span) else { return }
    content.withLock { $0 = .spilled(store, place) }
  }

  /// Puts back a block that was made again from the log.
  func restore(_ block: HistoryBlock) {
    let store = content.withLock { content -> TileStore? in
      guard case .spilled(let store, _) = content else { return nil }
      content = .memory(block)
      return store
    }
    store?.note(self)
  }
}

/// The members of a cohort at one position.
final class SealedBase: SealedPart {
  /// A part of the members; those of the next piece are greater.
  struct Piece: Hashable, Sendable {
    let first: UInt32
    let place: CachedBytes
  }

  enum Content: Sendable {
    case memory(LiveUsers)
    case spilled(TileStore, [Piece])
  }

  private let content: Mutex<Content>
  private let pieceSize: Int

  init(_ content: Content, pieceSize: Int) {
    self.content = Mutex(content)
    self.pieceSize = pieceSize
  }

  var now: Content { content.withLock { $0 } }

  var isSpilled: Bool {
    if case .spilled = now { true } else { false }
  }

  /// The members, or `nil` if they lie in a file that does not give them back.
  func load() -> LiveUsers? {
    switch now {
    case .memory(let users): return users
    case .spilled(let store, let pieces):
      var users = LiveUsers()
      for piece in pieces {
        guard let part = Self.read(piece, store), users.append(piece: part) else { return nil }
      }
      return users
    }
  }

  /// Whether `user` is a member; `nil` if the file does not say.
  func contains(_ user: UserID) -> Bool? {
    switch now {
    case .memory(let users): return users.contains(user.rawValue)
    case .spilled(let store, let pieces):
      var (low, high) = (0, pieces.count)
      while low < high {
        let middle = (low + high) / 2
        if pieces[middle].first <= user.rawValue { low = middle + 1 } else { high = middle }
      }
      return low == 0 ? false : Self.read(pieces[low - 1], store)?.contains(user.rawValue)
    }
  }

  private static func read(_ piece: Piece, _ store: TileStore) -> LiveUsers? {
    guard let bytes = store.read(piece.place) else { return nil }
    return try? LiveUsers.read(bytes.span, at: 0).users
  }

  func spill(to store: TileStore) {
    guard case .memory(let users) = now else { return }
    var pieces: [Piece] = []
    for part in users.pieces(ofBytes: pieceSize) {
      var bytes: [UInt8] = []
      part.append(to: &bytes)
      guard let first = part.first, let place = store.append(bytes.span) else { return }
      pieces.append(Piece(first: first, place: place))
    }
    content.withLock { $0 = .spilled(store, pieces) }
  }

  /// Puts back members that were found again from the log.
  func restore(_ users: LiveUsers) {
    let store = content.withLock { content -> TileStore? in
      guard case .spilled(let store, _) = content else { return nil }
      content = .memory(users)
      return store
    }
    store?.note(self)
  }
}
