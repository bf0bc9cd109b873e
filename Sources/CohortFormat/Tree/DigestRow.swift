import CohortModel

/// A list of digests that only grows and is only cut at the end, in chunks shared with its copies.
///
/// Appending while a copy is held copies one chunk of 32 KiB and the list of chunks, never the row.
///
/// Invariant: every chunk but the last is full, and none is empty.
struct DigestRow: Sendable {
  private var chunks: [[Digest]] = []
  private(set) var count = 0

  private static let chunkSize = 1024

  subscript(index: Int) -> Digest {
    chunks[index / DigestRow.chunkSize][index % DigestRow.chunkSize]
  }

  mutating func append(_ digest: Digest) {
    if count.isMultiple(of: DigestRow.chunkSize) { chunks.append([]) }
    chunks[chunks.count - 1].append(digest)
    count += 1
  }

  /// Keeps the first `newCount` digests.
  mutating func truncate(to newCount: Int) {
    precondition(newCount <= count, "a row cannot be cut to more than it has")
    let full = newCount / DigestRow.chunkSize
    let rest = newCount % DigestRow.chunkSize
    chunks.removeSubrange((rest == 0 ? full : full + 1)...)
    if rest > 0 { chunks[full].removeSubrange(rest...) }
    count = newCount
  }
}
