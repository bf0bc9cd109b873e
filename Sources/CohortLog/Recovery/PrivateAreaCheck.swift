import CohortFormat
import CohortModel

/// Whether the private area of a frame that nothing proves durable is all there.
///
/// The checksum of a frame does not cover its private area, so a frame can be whole in public and
/// torn in private. A text that an erasure in the same frame names may be zero, or half zero if a
/// crash interrupted the zeroing; a later frame cannot name it, for there is none.
enum PrivateAreaCheck {
  /// - Complexity: O(n) in the size of the frame, which is decoded.
  static func isSound(_ frame: FrameExtent, _ bytes: Span<UInt8>, of ledger: LedgerID) -> Bool {
    if frame.header.privateLength == 0 { return true }
    var erased: Set<TextName> = []
    var forgottenThrough = Position.origin
    var broken: [TextName] = []
    do throws(EventFault) {
      try frame.forEachEvent(in: bytes, ledger: ledger) { decoded in
        for text in decoded.texts where text.state != .intact { broken.append(text.name) }
        switch decoded.recorded.event {
        case .userErased(let erasure): erased.formUnion(erasure.texts)
        case .unmatchedForgotten(let event): forgottenThrough = event.through
        default: break
        }
      }
    } catch {
      // The events are as they were written. That they cannot be read is for the ledger to say.
      return true
    }
    return broken.allSatisfy { erased.contains($0) || $0.position <= forgottenThrough }
  }
}
