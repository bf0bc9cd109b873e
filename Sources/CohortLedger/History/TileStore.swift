package import CohortFormat
package import CohortLog
package import CohortModel
import Synchronization

/// Hands over the events of a range of positions, in order.
///
/// - Throws: Where the log cannot be read.
package typealias EventSource =
  @Sendable (
    ClosedRange<Position>, (Event, Position, Instant) -> Void
  ) throws(LogError) -> Void

/// The file of sealed parts of the past, beside the log.
///
/// A cache: everything in it can be made again from the log, and is when it cannot be read. `tiles`
/// holds bases and blocks one behind the other, in the order in which they were sealed;
/// where each lies, and its checksum, is kept by the part itself and in snapshots.
package final class TileStore: Sendable {
  private let path: String
  private let disk: any Disk
  private let checksum: CRC32C
  private let isReadOnly: Bool
  private let file = Mutex<(any TileFile)?>(nil)
  private let source = Mutex<EventSource?>(nil)
  /// Parts that had to be made again, to be written once more.
  private let remade = Mutex<[any SealedPart]>([])
  private let used = TileCaches<CachedBytes, Part>(bytesMax: 64 << 20)

  private enum Part: Sendable {
    case block(HistoryBlock)
    case users(LiveUsers)
  }

  /// Opens nothing yet.
  ///
  /// If it is read-only another process may be writing the file: nothing is added or cut off.
  package init(
    in folder: StorageFolder, of ledger: LedgerID, on disk: any Disk, isReadOnly: Bool
  ) {
    path = folder.file("tiles")
    checksum = ledger.checksum
    self.disk = disk
    self.isReadOnly = isReadOnly
  }

  /// Starts with an empty file: nothing refers to the old one.
  package func clear() { open(keeping: 0) }

  /// Opens the file that a snapshot refers to.
  ///
  /// - Parameter end: Behind the last bytes that the snapshot knows; what follows is dropped.
  package func open(keeping end: Int) {
    let opened: (any TileFile)? =
      isReadOnly
      ? ForeignCacheFile(at: path, checksum: checksum, on: disk)
      : CacheFile(at: path, keeping: end, checksum: checksum, on: disk)
    file.withLock { $0 = opened }
  }

  /// Says where events come from when a part cannot be read.
  package func setSource(_ source: @escaping EventSource) {
    self.source.withLock { $0 = source }
  }

  /// In bytes; 0 if there is no file.
  package var end: Int { file.withLock { $0?.size ?? 0 } }

  /// Writes parts out, and makes them durable.
  ///
  /// What cannot be written stays in memory.
  func spill(_ parts: [any SealedPart]) {
    guard !isReadOnly else { return }
    let before = end
    for part in parts { part.spill(to: self) }
    let others = remade.withLock { parts in
      defer { parts = [] }
      return parts
    }
    for part in others { part.spill(to: self) }
    if end != before { _ = file.withLock { $0 }?.sync() }
  }

  func append(_ bytes: Span<UInt8>) -> CachedBytes? { file.withLock { $0 }?.append(bytes) }

  /// The block of changes that lies at a place; `nil` if the file does not give it back.
  func block(_ place: CachedBytes) -> HistoryBlock? {
    if case .block(let block)? = used.find(place) { return block }
    guard let bytes = read(place) else { return nil }
    var cursor = SnapshotCursor()
    guard let block = try? HistoryBlock.read(bytes.span, at: &cursor, checkingSets: false) else {
      return nil
    }
    used.keep(.block(block), of: place.length, at: place)
    return block
  }

  /// The users that lie at a place; `nil` if the file does not give them back, or, with `ifAtHand`,
  /// was not asked for them lately.
  func users(_ place: CachedBytes, ifAtHand: Bool = false) -> LiveUsers? {
    if case .users(let users)? = used.find(place) { return users }
    guard !ifAtHand, let bytes = read(place),
      let users = try? LiveUsers.read(bytes.span, at: 0).users
    else {
      return nil
    }
    used.keep(.users(users), of: place.length, at: place)
    return users
  }

  private func read(_ place: CachedBytes) -> [UInt8]? { file.withLock { $0 }?.read(place) }

  /// Takes note of a part that is in memory again.
  func note(_ part: any SealedPart) { remade.withLock { $0.append(part) } }

  func replay(
    _ range: ClosedRange<Position>, _ body: (Event, Position, Instant) -> Void
  ) throws(LogError) {
    guard let source = source.withLock({ $0 }) else {
      throw .beyondEnd(range.upperBound, end: .origin)
    }
    try source(range, body)
  }
}

/// A file of cached bytes, written by us or by another process.
protocol TileFile: Sendable {
  var size: Int { get }
  func append(_ bytes: Span<UInt8>) -> CachedBytes?
  func read(_ place: CachedBytes) -> [UInt8]?
  func sync() -> Bool
}

extension CacheFile: TileFile {}

/// The cache file of the process that writes to the ledger, for one that only reads it.
private final class ForeignCacheFile: TileFile {
  private let disk: any Disk
  private let file: Descriptor
  private let checksum: CRC32C

  init?(at path: String, checksum: CRC32C, on disk: any Disk) {
    guard let file = try? disk.open(path, .read) else { return nil }
    self.disk = disk
    self.file = file
    self.checksum = checksum
  }

  deinit { try? disk.close(file) }

  var size: Int { (try? disk.size(of: file)) ?? 0 }

  func append(_ bytes: Span<UInt8>) -> CachedBytes? { nil }

  func read(_ place: CachedBytes) -> [UInt8]? {
    guard place.offset >= 0, place.length >= 0, place.offset <= size - place.length,
      let bytes = try? disk.read(file, at: place.offset, count: place.length),
      bytes.count == place.length, checksum.checksum(bytes.span) == place.crc
    else { return nil }
    return bytes
  }

  func sync() -> Bool { false }
}
