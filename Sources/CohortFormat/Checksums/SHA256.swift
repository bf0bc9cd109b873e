package import CohortModel

/// A running SHA-256 (FIPS 180-4).
///
/// A value without references: copy it to hash texts that begin alike.
package struct SHA256: Sendable {
  private var state = SHA256State.initial
  /// The bytes after the last whole block, `count % 64` of them; what lies behind is stale.
  private var block = InlineArray<64, UInt8>(repeating: 0)
  /// In bytes, of the whole message so far.
  private var count = 0
  private let engine: HashEngine

  package init(with engine: HashEngine = .sha256) { self.engine = engine }

  /// Reads `bytes`.
  ///
  /// - Complexity: O(n), without allocation. Whole blocks are read where they lie.
  package mutating func update(_ bytes: Span<UInt8>) {
    let held = count & 63
    count += bytes.count
    var taken = 0
    if held > 0 {
      taken = min(64 - held, bytes.count)
      var target = block.mutableSpan
      copy(bytes.extracting(0..<taken), to: &target, at: held)
      guard held + taken == 64 else { return }
      state.compress(block.span, with: engine)
    }
    let end = taken + (bytes.count - taken) & ~63
    if taken < end { state.compress(bytes.extracting(taken..<end), with: engine) }
    var target = block.mutableSpan
    copy(bytes.extracting(end...), to: &target, at: 0)
  }

  /// Reads one byte.
  package mutating func update(_ byte: UInt8) {
    block[count & 63] = byte
    count += 1
    if count & 63 == 0 { state.compress(block.span, with: engine) }
  }

  /// Reads the 32 bytes of `digest`.
  package mutating func update(_ digest: Digest) {
    let bytes = digest.bytes
    update(bytes.span)
  }

  /// The digest of everything read so far.
  ///
  /// More may be read afterwards.
  package func digest() -> Digest {
    var state = state
    var tail = SHA256Tail()
    tail.append(block.span.extracting(0..<count & 63))
    state.finish(&tail, messageSize: count, with: engine)
    return state.digest
  }

  /// The digest of one message.
  ///
  /// - Complexity: O(n), without allocation.
  package static func digest(
    _ bytes: Span<UInt8>, with engine: HashEngine = .sha256
  ) -> Digest {
    var state = SHA256State.initial
    let whole = bytes.count & ~63
    if whole > 0 { state.compress(bytes.extracting(0..<whole), with: engine) }
    var tail = SHA256Tail()
    tail.append(bytes.extracting(whole...))
    state.finish(&tail, messageSize: bytes.count, with: engine)
    return state.digest
  }
}

extension SHA256 {
  /// The digest of two texts, one behind the other, and behind a byte if there is one.
  ///
  /// - Complexity: O(n), without allocation. Up to 119 bytes are hashed in one go.
  @inline(__always)
  static func digest(
    behind tag: UInt8? = nil, _ first: Span<UInt8>, _ second: Span<UInt8>,
    with engine: HashEngine = .sha256
  ) -> Digest {
    let size = (tag == nil ? 0 : 1) + first.count + second.count
    guard size <= SHA256Tail.capacity else {
      var hash = SHA256(with: engine)
      if let tag { hash.update(tag) }
      hash.update(first)
      hash.update(second)
      return hash.digest()
    }
    var tail = SHA256Tail()
    if let tag { tail.append(tag) }
    tail.append(first)
    tail.append(second)
    var state = SHA256State.initial
    state.finish(&tail, messageSize: size, with: engine)
    return state.digest
  }
}

/// The end of a message, and room for its padding.
///
///     | bytes | 0x80 | zeros | message size in bits, u64 big-endian |
///     ╰───────────────── 64 bytes, or 128 ──────────────────────────╯
struct SHA256Tail {
  private(set) var bytes = InlineArray<128, UInt8>(repeating: 0)
  private(set) var count = 0

  /// The most that fits before the padding.
  static let capacity = 128 - 9

  mutating func append(_ more: Span<UInt8>) {
    precondition(count + more.count <= SHA256Tail.capacity, "the tail of a message is too long")
    var target = bytes.mutableSpan
    copy(more, to: &target, at: count)
    count += more.count
  }

  mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  /// Adds the padding.
  ///
  /// - Returns: How many bytes there are now: 64 or 128.
  mutating func pad(messageSize: Int) -> Int {
    bytes[count] = 0x80
    let end = count < 56 ? 64 : 128
    var bits = UInt64(messageSize) << 3
    var index = end
    while bits != 0 {
      index -= 1
      bytes[index] = UInt8(truncatingIfNeeded: bits)
      bits >>= 8
    }
    return end
  }
}

/// Copies all of `source` to `target`, from `offset` on.
///
/// The standard library has no such copy between spans yet. Both ranges are checked.
func copy(_ source: Span<UInt8>, to target: inout MutableSpan<UInt8>, at offset: Int) {
  unsafe target.withUnsafeMutableBytes { target in
    unsafe source.withUnsafeBytes { source in
      let room = unsafe target[offset..<offset + source.count]
      unsafe UnsafeMutableRawBufferPointer(rebasing: room).copyMemory(from: source)
    }
  }
}
