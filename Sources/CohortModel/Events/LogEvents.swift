/// A start found a torn tail and cut it off.
public struct Recovered: Hashable, Sendable {
  /// Where the cut is, in bytes from the start of the log.
  public let offset: UInt64
  /// How many bytes were kept aside as `torn-<offset>-<digest>`.
  public let size: UInt64
  /// SHA-256 of those bytes.
  public let digest: Digest
  /// Whether what was cut could have been acknowledged: the frame before it had no proof behind it.
  public let mayHaveBeenAcknowledged: Bool

  public init(offset: UInt64, size: UInt64, digest: Digest, mayHaveBeenAcknowledged: Bool) {
    self.offset = offset
    self.size = size
    self.digest = digest
    self.mayHaveBeenAcknowledged = mayHaveBeenAcknowledged
  }
}

/// This log continues a prefix of another one: a backup that was restored, or a replica that was
/// promoted.
///
/// Checkpoints behind `cut` are of another history.
public struct Restored: Hashable, Sendable {
  /// The last position that was kept.
  public let cut: Position
  /// The last position that the source, or the log that was replaced, is known to have had.
  public let head: Position
  /// The root of the tree at `head`.
  public let root: Digest
  /// Whether erasures and revocations behind the cut could not be read and were given up.
  public let acceptedLoss: Bool

  public init(cut: Position, head: Position, root: Digest, acceptedLoss: Bool) {
    self.cut = cut
    self.head = head
    self.root = root
    self.acceptedLoss = acceptedLoss
  }
}
