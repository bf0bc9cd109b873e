import CohortFormat
import CohortLog
import CohortModel

/// Reads the events of one proof, in the order of the log: each frame once, however many of its
/// events are wanted, and each block of leaves once.
struct ProvenEventReader {
  private let view: View
  private let size: UInt64
  private let names: Set<IdentifierName>
  private var frame: Walk?
  private var leaves = LeafBlocks()

  /// A frame, and how far its events have been gone through.
  private struct Walk {
    let frame: StoredFrame
    var heads: EventWalk
    var decoder: EventDecoder
  }

  /// - Parameters:
  ///   - view: Where the proof stands.
  ///   - size: Of the tree that the paths lead to.
  ///   - names: Whose texts are opened.
  init(_ view: View, size: UInt64, _ names: Set<IdentifierName>) {
    self.view = view
    self.size = size
    self.names = names
  }

  /// The event at a position behind the last one asked for.
  ///
  /// - Throws: ``LedgerError/unreadable(_:)`` if it, or a leaf on its way, cannot be read.
  mutating func event(at position: Position) throws(LedgerError) -> (ProvenEvent, Recorded) {
    var walk = try walk(to: position)
    frame = nil
    // The walk moves on while it is lent.
    let stored = walk.frame
    let bytes = stored.bytes.span
    do throws(EventFault) {
      while let head = try walk.heads.next(in: bytes),
        let decoded = try walk.decoder.next(in: bytes)
      {
        guard head.position == position else { continue }
        var openings: [ProvenEvent.Opening] = []
        let wanted = decoded.recorded.event.identifierNames
        for (entry, name) in zip(decoded.texts, wanted) where names.contains(name) {
          guard let opening = entry.opening(in: bytes) else { continue }
          openings.append(
            ProvenEvent.Opening(item: entry.name.item, nonce: opening.nonce, text: opening.text))
        }
        let event = Array(stored.bytes[head.bytes])
        let time = stored.header.time
        frame = walk
        return (
          ProvenEvent(
            position: position, time: time, bytes: event, path: try path(to: position),
            openings: openings), decoded.recorded
        )
      }
    } catch { throw .unreadable(LogFailure(.event(error))) }
    throw .beyondEnd(position, end: view.end)
  }

  private func walk(to position: Position) throws(LedgerError) -> Walk {
    if let walk = frame, position <= walk.frame.header.lastPosition { return walk }
    let frame: StoredFrame
    do { frame = try view.log.frame(containing: position) } catch {
      throw LedgerError(reading: error)
    }
    return Walk(
      frame: frame, heads: EventWalk(frame.extent),
      decoder: EventDecoder(frame.extent, ledger: view.log.ledger))
  }

  /// - Throws: An event that cannot be read any more on the way.
  private mutating func path(to position: Position) throws(EventFault) -> [Digest] {
    let (view, size) = (view, size)
    var leaves = leaves
    defer { self.leaves = leaves }
    let path = try? view.tree.inclusionProof(of: position.rawValue - 1, in: size) {
      (range) throws(LedgerError) in try leaves.read(range, of: view)
    }
    guard let path else { throw .malformed(.cutShort, at: position, offset: 0) }
    return path
  }
}

/// The leaves of the two blocks that were read last: every path asks for the block of its own event
/// and, unless it is whole, for the last one of the tree.
private struct LeafBlocks {
  private var blocks: [(range: Range<UInt64>, leaves: [Digest])] = []

  mutating func read(_ range: Range<UInt64>, of view: View) throws(LedgerError) -> [Digest] {
    if let index = blocks.firstIndex(where: { $0.range == range }) {
      let block = blocks.remove(at: index)
      blocks.append(block)
      return block.leaves
    }
    let leaves = try view.leaves(range)
    if blocks.count == 2 { blocks.removeFirst() }
    blocks.append((range, leaves))
    return leaves
  }
}
