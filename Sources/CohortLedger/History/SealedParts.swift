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
    case .spilled(let store, let place): return store.block(place)
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
        guard let part = store.users(piece.place), users.append(piece: part) else { return nil }
      }
      return users
    }
  }

  /// Whether `user` is a member; `nil` if the file does not say.
  func contains(_ user: UserID) -> Bool? {
    switch now {
    case .memory(let users): return users.contains(user.rawValue)
    case .spilled(let store, let pieces):
      let index = Self.index(of: user.rawValue, in: pieces)
      return index < 0 ? false : store.users(pieces[index].place)?.contains(user.rawValue)
    }
  }

  /// The members in the piece in which `user` is, or would be, and up to whom it speaks of them;
  /// `nil` if the file does not say, or, with `ifAtHand`, was not asked lately.
  func piece(
    of user: UInt32, ifAtHand: Bool = false
  ) -> (users: LiveUsers, through: UInt32)? {
    switch now {
    case .memory(let users): return (users, .max)
    case .spilled(let store, let pieces):
      guard !pieces.isEmpty else { return (LiveUsers(), .max) }
      let index = max(Self.index(of: user, in: pieces), 0)
      let next = index + 1 < pieces.count ? pieces[index + 1].first : nil
      return store.users(pieces[index].place, ifAtHand: ifAtHand).map {
        ($0, next.map { $0 - 1 } ?? .max)
      }
    }
  }

  /// The last piece that does not begin behind `user`; −1 if all do.
  private static func index(of user: UInt32, in pieces: [Piece]) -> Int {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].first <= user { low = middle + 1 } else { high = middle }
    }
    return low - 1
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
