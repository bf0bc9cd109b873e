import CohortFormat
import CohortLog
import CohortModel

/// A state as a snapshot keeps it, and where the log goes on behind it.
///
///     directory    users and identifiers, with their texts
///     definitions  events that define something, to be applied again
///     usage        positions, use of keys, receipts
///     members      for each cohort, its set
///     tree         block roots and the right edge
///     history      tiles, or where they lie
///     index        that of the log
///
/// A cache: whatever is not as it was written makes the whole snapshot void.
struct StateSnapshot {
  let core: Core
  let start: StartingPoint
  /// Where the log ended.
  let end: UInt64

  /// Changed whenever a section changes its meaning.
  static let content: UInt32 = 3

  /// - Returns: `nil` if any section is not sound.
  init?(
    _ snapshot: Snapshot, hashSeed: UInt64, _ tiles: TileStore, _ options: HistoryOptions
  ) {
    guard let directory = Self.directory(snapshot, hashSeed),
      let definitions = snapshot.section("definitions").flatMap({
        DefinitionRecords.read($0.span)
      }),
      let usage = snapshot.section("usage"),
      let members = snapshot.section("members"),
      let tree = snapshot.section("tree").flatMap(Self.tree),
      let index = snapshot.section("index").flatMap({ LogIndex($0.span) }),
      var state = try? LedgerState(
        directory: directory, definitions: definitions, usage: usage.span),
      Self.read(members, into: &state), state.position == snapshot.anchor.position,
      tree.root == snapshot.anchor.root,
      let history = Self.history(snapshot, options, tiles)
    else { return nil }
    var core = Core(hashSeed: hashSeed, options)
    core.state = state
    core.history = history
    core.tree = tree
    core.epoch = snapshot.anchor.epoch
    for recorded in definitions { core.note(recorded) }
    self.core = core
    start = StartingPoint(anchor: snapshot.anchor, index: index)
    end = snapshot.anchor.offset
  }

  private static func directory(_ snapshot: Snapshot, _ hashSeed: UInt64) -> Directory? {
    guard let bytes = snapshot.section("directory") else { return nil }
    var offset = 0
    return try? Directory(from: bytes.span, at: &offset, hashSeed: hashSeed)
  }

  private static func history(
    _ snapshot: Snapshot, _ options: HistoryOptions, _ tiles: TileStore
  ) -> History? {
    guard let bytes = snapshot.section("history") else { return nil }
    var cursor = SnapshotCursor()
    return try? History(bytes.span, at: &cursor, options, tiles)
  }

  private static func read(_ bytes: [UInt8], into state: inout LedgerState) -> Bool {
    var offset = 0
    for index in 0..<state.cohorts.count {
      guard let (users, end) = try? LiveUsers.read(bytes.span, at: offset) else { return false }
      state.setMembers(of: CohortID(UInt32(index + 1)), to: users)
      offset = end
    }
    return offset == bytes.count
  }

  /// Block roots, 32 bytes each, and the leaves of the last, unfinished block.
  private static func tree(_ bytes: [UInt8]) -> MerkleIndex? {
    MerkleIndex(snapshot: bytes.span)
  }
}

extension MerkleIndex {
  /// Block roots, then the right edge as ``MerkleFrontier`` writes it.
  func append(to bytes: inout [UInt8]) {
    bytes.append(littleEndian: UInt64(blockCount))
    for block in 0..<blockCount { bytes.append(blockRoot(block)) }
    bytes += frontier.bytes
  }

  init?(snapshot bytes: Span<UInt8>) {
    guard bytes.count >= 8 else { return nil }
    let count: UInt64 = bytes.littleEndian(at: 0)
    guard count <= UInt64(bytes.count / Digest.size) else { return nil }
    let edge = 8 + Int(count) * Digest.size
    guard edge <= bytes.count,
      let frontier = MerkleFrontier(bytes.extracting(edge..<bytes.count))
    else { return nil }
    let roots = (0..<Int(count)).map { Digest(bytes, at: 8 + $0 * Digest.size) }
    self.init(blockRoots: roots, frontier: frontier)
  }
}

extension SnapshotStore {
  /// Writes a snapshot of a durable state.
  func write(_ core: Core, behind anchor: LogAnchor, _ index: LogIndex) throws(DiskError) {
    let writer = begin(content: StateSnapshot.content, behind: anchor)
    func section(_ name: String, _ fill: (inout [UInt8]) -> Void) {
      var bytes: [UInt8] = []
      fill(&bytes)
      writer.begin(name)
      writer.append(bytes.span)
    }
    section("directory") { core.state.directory.append(to: &$0) }
    section("definitions") { bytes in
      for recorded in core.definitions { DefinitionRecords.append(recorded, to: &bytes) }
    }
    section("usage") { core.state.appendUsage(to: &$0) }
    writer.begin("members")
    for index in 0..<core.state.cohorts.count {
      var bytes: [UInt8] = []
      core.state.memberships[CohortID(UInt32(index + 1))].append(to: &bytes)
      writer.append(bytes.span)
    }
    section("tree") { core.tree.append(to: &$0) }
    section("history") { core.history.append(to: &$0) }
    section("index") { $0 += index.bytes }
    try writer.finish()
  }
}
