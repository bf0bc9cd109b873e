import CohortFormat

/// The part of a file that is in memory, moved along by large reads.
///
///     file   ├───────────────────────────────────────────────────────────────────┤
///     bytes            base ├─────────── bytes.count ──────────┤
///
/// What was read before and is still wanted is moved to the front, at most one frame.
struct LogWindow: ~Copyable {
  private let disk: any Disk
  private let file: Descriptor
  /// Nothing at or behind this offset is read.
  private let limit: Int
  private let readSize: Int
  private(set) var bytes: [UInt8] = []
  /// Where the first of `bytes` stands in the file.
  private(set) var base = 0
  private var reachedEnd = false

  init(_ file: Descriptor, on disk: any Disk, limit: Int = .max, readSize: Int) {
    self.disk = disk
    self.file = file
    self.limit = limit
    self.readSize = readSize
  }

  /// Has the bytes from `offset` on in memory: `count` of them, or up to the end of the file.
  ///
  /// What lies before `offset` is forgotten, if it must be.
  mutating func load(_ offset: Int, count: Int) throws(DiskError) {
    let end = base + bytes.count
    if (base...end).contains(offset), offset + count <= end || reachedEnd { return }
    if offset >= base, offset < end {
      bytes.removeFirst(offset - base)
    } else {
      bytes.removeAll(keepingCapacity: true)
    }
    base = offset
    reachedEnd = false
    let missing = min(max(count - bytes.count, readSize), limit - (base + bytes.count))
    if missing > 0 {
      let before = bytes.count
      try disk.read(file, at: base + before, count: missing, appendingTo: &bytes)
      reachedEnd = bytes.count - before < missing || base + bytes.count >= limit
    } else {
      reachedEnd = true
    }
  }

  /// Where `offset` of the file stands in ``bytes``.
  func index(_ offset: Int) -> Int { offset - base }
}
