package import CohortFormat
import CohortLog
package import CohortModel

/// Why bytes that were pulled do not go into a copy.
package enum CopyFault: Error, Hashable, Sendable {
  case frame(FrameFault)
  case event(EventFault)
  /// There are zeros where a frame must be.
  case zeros(at: UInt64)
  /// The events of a frame do not give the root that it names.
  case root(at: UInt64)
  /// A text that is neither there nor erased.
  case text(TextName)
  /// The frames do not lead to the tree head that the leader names.
  case otherTree(TreeHead)
  /// Nothing came where there must be more.
  case missing(at: UInt64)
}

extension CopyFault {
  /// Takes over what a `do` block has thrown.
  init(_ error: any Error) {
    switch error {
    case let error as CopyFault: self = error
    case let error as FrameFault: self = .frame(error)
    case let error as EventFault: self = .event(error)
    default: self = .zeros(at: 0)
    }
  }
}

extension CopyFault: CustomStringConvertible {
  /// What is wrong, in one sentence.
  package var description: String {
    switch self {
    case .frame(let fault): fault.description.firstSentence
    case .event(let fault): fault.description.firstSentence
    case .zeros(let offset): "There are zeros at byte \(offset), where a frame must be."
    case .root(let offset):
      "The events of the frame at byte \(offset) do not give the root that it names."
    case .text(let name): "Text \(name.item) of event \(name.position) is damaged."
    case .otherTree(let head):
      "The frames do not lead to the tree of \(head.size) events that the leader names."
    case .missing(let offset): "Nothing comes from byte \(offset) on."
    }
  }
}

extension String {
  /// Without what is to be done about it: that is said of a log that is one's own.
  fileprivate var firstSentence: String {
    for index in indices where self[index...].hasPrefix(". ") { return String(self[...index]) }
    return self
  }
}

/// Whole frames that were pulled, verified as far as they can be by themselves: every checksum,
/// the chain from what the copy has, every root from the leaves up, every text with its commitment.
///
///     bytes    gap │ frame │ gap │ frame │ gap │ seal │ gap │ a part of a fra
///              ╰─────────────── taken ──────────────╯
///
/// Pure: what to do with them is for others to say.
struct CopiedPart {
  private(set) var frames: [CopiedFrame] = []
  private(set) var leaves: [Digest] = []
  private(set) var texts: CopiedTexts
  /// Behind the last of the frames.
  private(set) var chain: FrameChain
  private(set) var tree: MerkleFrontier
  /// Of the bytes given: from the first frame to the end of the last.
  private(set) var range = 0..<0
  /// Where the bytes must reach to, from the start of the log, for one frame more; `nil` if the
  /// next frame is not wanted.
  private(set) var needed: UInt64?

  /// Reads frames up to the end of the bytes, but none that goes beyond a tree.
  ///
  /// - Parameters:
  ///   - bytes: From the end of `chain` on.
  ///   - chain: Behind the last frame that the copy has.
  ///   - tree: Of everything it has.
  ///   - texts: Of what stands before.
  ///   - sizeMax: The largest tree that is wanted.
  ///   - bytesMax: About how many bytes of frames are wanted, but one frame in any case.
  ///   - ledger: Whose log it is.
  /// - Throws: ``CopyFault`` for the first thing that cannot be the leader's log.
  init(
    _ bytes: Span<UInt8>, behind chain: FrameChain, tree: MerkleFrontier, texts: CopiedTexts,
    treeMax sizeMax: UInt64, bytesMax: Int, of ledger: LedgerID
  ) throws(CopyFault) {
    (self.chain, self.tree) = (chain, tree)
    self.texts = texts.continuation
    let base = chain.end
    while range.upperBound < bytesMax || frames.isEmpty {
      guard let frame = try next(bytes, base, ledger) else { return }
      if frame.header.treeSize > sizeMax {
        needed = nil
        return
      }
      try take(frame, bytes, ledger)
    }
  }

  /// - Returns: `nil` if the bytes end before it does; ``needed`` says where.
  private mutating func next(
    _ bytes: Span<UInt8>, _ base: UInt64, _ ledger: LedgerID
  ) throws(CopyFault) -> FrameExtent? {
    var offset = chain.next
    if let nonzero = bytes.firstNonzero(
      in: Int(chain.end - base)..<min(bytes.count, Int(offset - base)))
    {
      throw .frame(.notZero(at: base + UInt64(nonzero)))
    }
    while true {
      needed = offset + UInt64(FrameHeader.size)
      guard Int(offset - base) + FrameHeader.size <= bytes.count else { return nil }
      switch FrameScan.header(bytes, at: Int(offset - base), base: base, ledger: ledger) {
      case .invalid(let fault): throw .frame(fault)
      case .zeros:
        // Up to the place of a seal, and no further.
        guard offset < chain.sealOffset else { throw .zeros(at: offset) }
        offset = chain.sealOffset
      case .frame(let found):
        needed = found.header.fileEnd
        guard found.end <= bytes.count else { return nil }
        switch FrameScan.read(bytes, at: Int(offset - base), base: base, ledger: ledger) {
        case .frame(let frame): return frame
        case .invalid(let fault): throw .frame(fault)
        case .zeros: throw .zeros(at: offset)
        }
      }
    }
  }

  private mutating func take(
    _ frame: FrameExtent, _ bytes: Span<UInt8>, _ ledger: LedgerID
  ) throws(CopyFault) {
    let root = frame.root(in: bytes)
    do throws(FrameFault) { try chain.accept(frame.header, root: root) } catch {
      throw .frame(error)
    }
    if frame.header.kind == .events {
      let found: [Digest]
      do throws(EventFault) { found = try frame.leaves(in: bytes) } catch { throw .event(error) }
      tree.append(contentsOf: found)
      leaves += found
      guard tree.root == root else { throw .root(at: frame.header.fileOffset) }
      try texts.take(frame, in: bytes, of: ledger)
    }
    frames.append(CopiedFrame(header: frame.header, root: root))
    range = (frames.count == 1 ? frame.start : range.lowerBound)..<frame.end
  }

  var head: TreeHead { TreeHead(size: tree.size, root: tree.root) }
}
