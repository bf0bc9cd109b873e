import CohortModel

/// One personal text in the private area of a frame.
///
/// Storage/FORMAT.md, section 5, is the authority; this is the same drawing.
///
///     0          16      20       22                    16 + 16 × blocks
///     ├──────────┼───────┼────────┼──────────┬──────────┤
///     │ nonce    │ crc   │ length │ text     │ zeros    │
///     │ 16 bytes │ u32   │ u16    │ length B │          │
///     └──────────┴───────┴────────┴──────────┴──────────┘
///
/// The crc starts from the ledger id and covers nonce, length, text and zeros. The event holds
/// `blocks` and the commitment SHA-256(nonce ‖ text). An entry of zeros only is an erased text:
/// its crc died with it, or it would confirm guesses.
struct TextLayout {
  /// Of 16 bytes each, behind the nonce.
  let blocks: Int

  init(blocks: Int) { self.blocks = blocks }

  init(textSize: Int) { blocks = (TextLayout.headSize + textSize + 15) / 16 }

  /// The whole entry in bytes.
  var size: Int { TextLayout.nonceSize + 16 * blocks }

  static let nonceSize = 16
  /// Checksum and length.
  static let headSize = 6
  static let textOffset = nonceSize + headSize
  static let blocksMax = TextLayout(textSize: PersonalText.sizeMax).blocks
}

extension [UInt8] {
  /// Appends `text` as an entry with a new nonce, and returns its commitment.
  mutating func append(
    _ text: [UInt8], as layout: TextLayout, ledger: CRC32C, random: any RandomBytes
  ) -> Digest {
    let start = count
    append(addingCapacity: TextLayout.nonceSize) { random.fill(&$0) }
    precondition(
      span.firstNonzero(in: start..<count) != nil, "the random source gives nothing but zeros")
    append(littleEndian: UInt32(0))
    append(littleEndian: UInt16(text.count))
    append(contentsOf: text)
    append(contentsOf: repeatElement(0, count: start + layout.size - count))
    let checksum = layout.checksum(span, at: start, ledger: ledger)
    for index in 0..<4 {
      self[start + TextLayout.nonceSize + index] = UInt8(
        truncatingIfNeeded: checksum >> UInt32(8 * index))
    }
    return TextLayout.commitment(span, at: start, textSize: text.count)
  }
}

extension TextLayout {
  func checksum(_ bytes: Span<UInt8>, at start: Int, ledger: CRC32C) -> UInt32 {
    var checksum = ledger
    checksum.update(bytes.extracting(start..<start + TextLayout.nonceSize))
    checksum.update(bytes.extracting(start + TextLayout.nonceSize + 4..<start + size))
    return checksum.value
  }

  static func commitment(_ bytes: Span<UInt8>, at start: Int, textSize: Int) -> Digest {
    SHA256.digest(
      bytes.extracting(start..<start + nonceSize),
      bytes.extracting(start + textOffset..<start + textOffset + textSize))
  }

  /// What the entry at `start` is, and the size of its text if that is intact.
  func read(
    _ bytes: Span<UInt8>, at start: Int, ledger: CRC32C
  ) -> (state: TextEntry.State, textSize: Int) {
    guard bytes.firstNonzero(in: start..<start + size) != nil else { return (.erased, 0) }
    let stored: UInt32 = bytes.littleEndian(at: start + TextLayout.nonceSize)
    let textSize = Int(
      bytes.littleEndian(UInt16.self, at: start + TextLayout.nonceSize + 4))
    guard stored == checksum(bytes, at: start, ledger: ledger),
      textSize <= PersonalText.sizeMax, TextLayout(textSize: textSize).blocks == blocks,
      bytes.firstNonzero(in: start + TextLayout.textOffset + textSize..<start + size) == nil
    else { return (.damaged, 0) }
    return (.intact, textSize)
  }
}
