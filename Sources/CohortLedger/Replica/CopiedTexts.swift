import CohortFormat
import CohortLog
import CohortModel

/// What a copy must do about the personal texts of the frames it takes.
///
/// The leader zeroes a text some time after the event that names it is durable. So a text can come
/// as zeros long before its erasure does, and be there in bytes that were pulled before it:
///
///     leader    … text … ── userErased ── zeros
///     copy      zeros are not judged before the event can have come; texts that an event names are
///               zeroed here too
struct CopiedTexts {
  /// A text that is zero, and no erasure taken so far explains it.
  struct Gap: Hashable {
    let offset: UInt64
    let size: Int
    let isUnmatched: Bool
  }

  /// What is to be zeroed here.
  struct Erasure: Hashable {
    enum Texts: Hashable {
      case named([TextName])
      /// Those that matched nobody, of imports behind the first position and up to the second.
      case unmatched(after: Position, through: Position)
    }

    let position: Position
    let texts: Texts
  }

  private(set) var gaps: [TextName: Gap] = [:]
  /// In the order of the log.
  private(set) var erasures: [Erasure] = []
  private var forgottenThrough = Position.origin

  /// Takes what `later` has found behind everything taken so far.
  mutating func take(_ later: CopiedTexts) {
    for erasure in later.erasures { explain(erasure) }
    gaps.merge(later.gaps) { $1 }
    erasures += later.erasures
    forgottenThrough = max(forgottenThrough, later.forgottenThrough)
  }

  /// For a part of the log behind everything taken so far.
  var continuation: CopiedTexts {
    var next = CopiedTexts()
    next.forgottenThrough = forgottenThrough
    return next
  }

  /// - Parameters:
  ///   - frame: The next one.
  ///   - bytes: Where it stands.
  ///   - ledger: Whose it is.
  ///   - isHere: Whether it stands in the copy already, where a crash may have left a text half
  ///     zero: such a one is then a gap.
  /// - Throws: ``CopyFault/text(_:)`` for one that is neither there nor zero,
  ///   ``CopyFault/event(_:)``.
  mutating func take(
    _ frame: FrameExtent, in bytes: Span<UInt8>, of ledger: LedgerID, isHere: Bool = false
  ) throws(CopyFault) {
    do {
      var decoder = EventDecoder(frame, ledger: ledger)
      while let decoded = try decoder.next(in: bytes) {
        note(decoded.recorded)
        for entry in decoded.texts {
          var entry = entry
          entry.checkCommitment(in: bytes)
          switch entry.state {
          case .intact: continue
          case .damaged where !isHere: throw CopyFault.text(entry.name)
          case .damaged, .erased:
            gaps[entry.name] = Gap(
              offset: entry.fileOffset, size: entry.range.count,
              isUnmatched: decoded.recorded.isUnmatched(entry.name.item))
          }
        }
      }
    } catch { throw CopyFault(error) }
  }

  private mutating func note(_ recorded: Recorded) {
    switch recorded.event {
    case .userErased(let event):
      add(Erasure(position: recorded.position, texts: .named(event.texts)))
    case .unmatchedForgotten(let event):
      guard event.through > forgottenThrough else { return }
      add(
        Erasure(
          position: recorded.position,
          texts: .unmatched(after: forgottenThrough, through: event.through)))
      forgottenThrough = event.through
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .usersMerged,
      .userDeleted, .erasureFinished, .cohortNamed, .cohortArchived, .cohortRestored,
      .membersChanged, .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved,
      .campaignArchived, .campaignRestored, .audienceFrozen, .recovered, .restored:
      break
    }
  }

  private mutating func add(_ erasure: Erasure) {
    erasures.append(erasure)
    explain(erasure)
  }

  private mutating func explain(_ erasure: Erasure) {
    guard !gaps.isEmpty else { return }
    switch erasure.texts {
    case .named(let names): for name in names { gaps[name] = nil }
    case .unmatched(_, let through):
      gaps = gaps.filter { !($0.value.isUnmatched && $0.key.position <= through) }
    }
  }

  /// A gap was filled, or is judged.
  mutating func close(_ name: TextName) { gaps[name] = nil }

  /// Forgets the erasures up to `position`: they are carried out.
  mutating func finish(through position: Position) {
    erasures.removeAll { $0.position <= position }
  }
}

extension Recorded {
  /// Whether text number `item` of this event is of somebody whom an import named and nobody was.
  func isUnmatched(_ item: UInt32) -> Bool {
    guard case .membersChanged(let change) = event else { return false }
    return Int(item) < change.unmatched.count
  }
}
