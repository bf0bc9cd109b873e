/// What one request records, growing while it is decided.
public struct Draft: Sendable {
  /// Of the frame that the events will stand in.
  public private(set) var time: Instant
  /// Whose request it is, once that is known.
  public internal(set) var key = KeyID(0)
  public internal(set) var events: [Event] = []
  public internal(set) var receipt: Receipt?
  var scratch: ImportScratch

  /// - Parameters:
  ///   - time: Of the frame that the events will stand in.
  ///   - prefetch: Makes imports faster, and changes nothing else.
  public init(at time: Instant, prefetch: Prefetch? = nil) {
    self.time = time
    scratch = ImportScratch(prefetch: prefetch)
  }

  /// Begins the next request, with the same room.
  public mutating func begin(at time: Instant) {
    self.time = time
    key = KeyID(0)
    events.removeAll(keepingCapacity: true)
    receipt = nil
  }
}

extension LedgerState {
  /// Decides a command step by step and moves the state along with each event.
  ///
  /// Within a request every item is decided against the state its predecessors left. A command
  /// is refused before its first event; so when this throws, the state is as it was. Done on a
  /// copy, it is the preview of the command.
  ///
  /// - `draft`: Takes the events, in order. None: nothing is to be recorded.
  /// - Throws: ``Refusal`` if nothing of the command can be carried out.
  public mutating func perform(
    _ command: Command, into draft: inout Draft
  ) throws(Refusal) -> Answer {
    let author = try authenticate(command.author, at: draft.time)
    draft.key = author.key
    if let idempotency = command.idempotency,
      let earlier = receipts.find(idempotency.key, of: author.key)
    {
      guard mayRepeat(command.wish, idempotency, earlier) else { throw .idempotencyKeyReused }
      return .repeated(earlier.receipt, earlier.position)
    }
    if let refusal = refusal(of: command.wish) { throw refusal }
    if let learned = author.learned { record(.keyIssued(learned), in: &draft) }
    let answer = try carryOut(command.wish, by: author, &draft)
    guard let last = draft.events.last else { return answer }
    if let idempotency = command.idempotency {
      draft.receipt = Receipt(
        key: PersonalText(idempotency.key),
        fingerprint: command.wish.erases ? .notKept : idempotency.text,
        status: command.wish.status, answer: answer.receiptText)
    }
    endRequest(by: draft.key, with: last, draft.receipt)
    return answer
  }

  /// Adds an event to the draft and moves the state by it.
  mutating func record(_ event: consuming Event, in draft: inout Draft) {
    apply(event, at: position.advanced(by: 1), draft.time, by: draft.key)
    draft.events.append(event)
  }

  /// What refuses a partner's command whose key may still be learned: that must be known before
  /// the event of learning.
  private func refusal(of wish: Wish) -> Refusal? {
    switch wish {
    case .nameCohort(let wish): refusal(of: wish)
    case .changeMembers(let wish): refusal(of: wish)
    default: nil
    }
  }

  private mutating func carryOut(
    _ wish: Wish, by author: Authenticated, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    switch wish {
    case .nameCohort(let wish): perform(wish, &draft)
    case .changeMembers(let wish): perform(wish, &draft)

    case .trackUsers(let items): try perform(items, &draft)
    case .importUsers(let lines): try perform(lines, &draft)
    case .addAliases(let items):
      try perform(items, limit: .externalIDsAndAliases, &draft) {
        state, item throws(ItemRefusal) in try state.decide(item)
      }
    case .updateAliases(let items):
      try perform(items, limit: .externalIDsAndAliases, &draft) {
        state, item throws(ItemRefusal) in try state.decide(item)
      }
    case .identifyUsers(let items):
      try perform(items, limit: .externalIDsAndAliases, &draft) {
        state, item throws(ItemRefusal) in try state.decide(item)
      }
    case .mergeUsers(let items):
      try perform(items, limit: .merges, &draft) {
        state, item throws(ItemRefusal) in try state.decide(item)
      }
    case .renameExternalIDs(let items):
      try perform(items, limit: .ids, &draft) {
        state, item throws(ItemRefusal) in try state.decide(item)
      }
    case .removeExternalIDs(let items):
      try perform(items, limit: .ids, &draft) {
        state, item throws(ItemRefusal) in try state.decideRemoving(item)
      }
    case .deleteUsers(let users, let erase): try perform(deleting: users, erase, &draft)
    case .eraseUser(let wish): try perform(wish, &draft)
    case .finishErasure(let erasure): try perform(finishing: erasure, &draft)
    case .forgetUnmatched(let before, let through):
      try perform(forgetting: before, through: through, &draft)

    case .enablePartner(let wish): try perform(wish, &draft)
    case .disablePartner(let code): try perform(disabling: code, &draft)
    case .issueKey(let wish): try perform(wish, by: author, &draft)
    case .invalidateKey(let key): try perform(invalidating: key, &draft)

    case .archiveCohort(let name): try perform(archiving: name, true, &draft)
    case .restoreCohort(let name): try perform(archiving: name, false, &draft)

    case .saveSegment(let wish): try perform(wish, &draft)
    case .archiveSegment(let segment): try perform(archiving: segment, true, &draft)
    case .restoreSegment(let segment): try perform(archiving: segment, false, &draft)
    case .saveCampaign(let wish): try perform(wish, &draft)
    case .archiveCampaign(let campaign): try perform(archiving: campaign, true, &draft)
    case .restoreCampaign(let campaign): try perform(archiving: campaign, false, &draft)
    case .freezeAudience(let wish): try perform(wish, &draft)

    case .noteRecovery(let event): perform(noting: .recovered(event), &draft)
    case .noteRestoration(let event):
      // What was kept was there: a log that says otherwise would not open again.
      perform(
        noting: .restored(
          Restored(
            cut: min(event.cut, position), head: event.head, root: event.root,
            acceptedLoss: event.acceptedLoss)), &draft)
    }
  }

  private mutating func perform(noting event: Event, _ draft: inout Draft) -> Answer {
    record(event, in: &draft)
    return .done
  }

  /// Carries out a batch whose items stand or fall alone.
  private mutating func perform<Item>(
    _ items: [Item], limit: Refusal.Limited, _ draft: inout Draft,
    decide: (borrowing LedgerState, Item) throws(ItemRefusal) -> [Event]
  ) throws(Refusal) -> Answer {
    guard items.count <= Self.itemsMax else { throw .tooMany(limit: Self.itemsMax, what: limit) }
    var errors: [ItemError] = []
    for (index, item) in items.enumerated() {
      do throws(ItemRefusal) {
        for event in try decide(self, item) { record(event, in: &draft) }
      } catch {
        errors.append(ItemError(index: index, refusal: error))
      }
    }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  /// In one batch of users, aliases or external ids.
  ///
  /// CONTRACT part 2.
  public static let itemsMax = 50
}

extension Wish {
  /// Of a success.
  ///
  /// CONTRACT part 0.
  var status: UInt16 {
    if case .mergeUsers = self { 202 } else { 201 }
  }
}

extension LedgerState {
  /// Whether a request may be the one that its idempotency key came with before.
  ///
  /// Bodies are compared by their digests. Of a request that erased somebody none was kept, and
  /// nobody knows any more whom it named: then the key decides, unless the request now names
  /// somebody who was still there when the first one had been carried out.
  private func mayRepeat(
    _ wish: Wish, _ idempotency: Idempotency, _ earlier: Receipts.Entry
  ) -> Bool {
    guard let fingerprint = earlier.receipt.fingerprint.bytes else { return true }
    guard fingerprint.isEmpty else { return fingerprint == idempotency.text.bytes }
    let names: [UserName]
    switch wish {
    case .eraseUser(let wish) where earlier.receipt.answer == "erased": names = [wish.user]
    case .deleteUsers(let users, .some) where earlier.receipt.answer != "erased": names = users
    default: return false
    }
    return !names.contains { isSomebody($0, at: earlier.position) }
  }

  /// Whether a user that was there at `position` was called so then.
  private func isSomebody(_ name: UserName, at position: Position) -> Bool {
    let bearings: [Bearing]
    switch name {
    case .number(let user):
      if case .active = directory.status(of: user, at: position) { return true }
      return false
    case .externalID(let text): bearings = directory.everBorne(.externalID, text.bytes.span)
    case .device(let text): bearings = directory.everBorne(.device, text.bytes.span)
    case .alias(let label, let text):
      guard let label = directory.label(label.bytes.span) else { return false }
      bearings = directory.everBorne(.alias(label), text.bytes.span)
    }
    return bearings.contains { bearing in
      bearing.role != .merged && bearing.from <= position && position < bearing.until
    }
  }
}

extension Wish {
  /// Whether it destroys what is known of a person.
  var erases: Bool {
    switch self {
    case .eraseUser, .deleteUsers(_, .some): true
    default: false
    }
  }
}

extension PersonalText {
  /// In place of the digest of a body that named somebody who was erased: it would confirm guesses.
  fileprivate static let notKept = PersonalText([])
}

extension Idempotency {
  /// The fingerprint as a receipt keeps it.
  fileprivate var text: PersonalText {
    var bytes: [UInt8] = []
    fingerprint.append(to: &bytes)
    return PersonalText(bytes)
  }
}
