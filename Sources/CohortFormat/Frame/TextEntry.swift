package import CohortModel

/// Where one personal text lies, what the event has committed itself to, and whether it is there.
package struct TextEntry: Hashable, Sendable {
  package enum State: UInt8, Hashable, Sendable {
    case intact
    /// All zeros.
    case erased
    /// Neither: its checksum, its length or, if that was asked for, its commitment does not fit.
    case damaged
  }

  package let name: TextName
  package let commitment: Digest
  /// The whole entry, in the bytes that the frame was read from.
  ///
  /// Erasing zeroes it.
  package let range: Range<Int>
  /// Where the entry begins in the file.
  package let fileOffset: UInt64
  package fileprivate(set) var state: State
  /// Of an intact text, in bytes.
  fileprivate let textSize: Int

  /// What opens the commitment; `nil` unless the text is intact.
  package func opening(in bytes: Span<UInt8>) -> TextOpening? {
    guard state == .intact else { return nil }
    let text = range.lowerBound + TextLayout.textOffset
    return TextOpening(
      nonce: bytes.array(range.lowerBound..<range.lowerBound + TextLayout.nonceSize),
      text: bytes.array(text..<text + textSize))
  }

  /// Compares the text with the commitment: one hash.
  package mutating func checkCommitment(in bytes: Span<UInt8>) {
    guard state == .intact else { return }
    let found = TextLayout.commitment(bytes, at: range.lowerBound, textSize: textSize)
    if found != commitment { state = .damaged }
  }
}

/// The nonce and the text that a commitment was made of.
package struct TextOpening: Hashable, Sendable {
  package let nonce: [UInt8]
  package let text: [UInt8]

  package init(nonce: [UInt8], text: [UInt8]) {
    self.nonce = nonce
    self.text = text
  }

  /// SHA-256(nonce ‖ text).
  package var commitment: Digest {
    SHA256.digest(nonce.span, text.span)
  }
}

/// Walks through a private area in the order in which events name their texts.
struct TextReader {
  private let ledger: CRC32C
  /// Of the next entry.
  private var offset: Int
  private let end: Int
  /// File offset minus offset in the bytes.
  private let shift: UInt64
  var position = Position.origin
  /// Of the event that is being read.
  var entries: [TextEntry] = []

  init(_ frame: FrameExtent, ledger: CRC32C) {
    self.ledger = ledger
    offset = frame.privateArea.lowerBound
    end = frame.privateArea.upperBound
    shift = frame.header.fileOffset &- UInt64(frame.start)
  }

  /// Where the next entry begins.
  var nextOffset: Int { offset }

  var isAtEnd: Bool { offset == end }

  mutating func next(
    _ bytes: Span<UInt8>, blocks: Int, commitment: Digest
  ) throws(EventFlaw) -> PersonalText {
    let layout = TextLayout(blocks: blocks)
    guard (1...TextLayout.blocksMax).contains(blocks) else { throw .outOfRange }
    guard layout.size <= end - offset else { throw .privateArea }
    let (state, textSize) = layout.read(bytes, at: offset, ledger: ledger)
    entries.append(
      TextEntry(
        name: TextName(position: position, item: UInt32(entries.count)), commitment: commitment,
        range: offset..<offset + layout.size, fileOffset: UInt64(offset) &+ shift, state: state,
        textSize: textSize))
    let text = offset + TextLayout.textOffset
    offset += layout.size
    return state == .intact ? PersonalText(bytes.array(text..<text + textSize)) : .erased
  }

  /// Steps over the next entry, and tells what it is, and where its text lies if it is intact.
  @inline(__always)
  mutating func skip(
    _ bytes: Span<UInt8>, blocks: Int
  ) throws(EventFlaw) -> (state: TextEntry.State, text: Range<Int>) {
    let layout = TextLayout(blocks: blocks)
    guard (1...TextLayout.blocksMax).contains(blocks) else { throw .outOfRange }
    guard layout.size <= end - offset else { throw .privateArea }
    let (state, textSize) = layout.read(bytes, at: offset, ledger: ledger)
    let text = offset + TextLayout.textOffset
    offset += layout.size
    return (state, text..<text + textSize)
  }
}
