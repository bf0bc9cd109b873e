package import CohortModel

/// The ledger as RULES and CONTRACT describe it, written without looking at the real one.
///
/// Commands go in one by one; facts come out, one for every position, and a whole copy of the
/// state after each. Where the rules leave something open, a comment that begins with
/// "silent:" says what was chosen.
package struct NaiveLedger {
  /// The state now.
  package internal(set) var now = NaiveState()
  /// The state after every position; the first is empty.
  package internal(set) var states = [NaiveState()]
  /// Position 1 first.
  package internal(set) var facts: [NaiveFact] = []
  /// The positions that changed a cohort's members.
  package internal(set) var changesOfMembers: [CohortID: [Position]] = [:]
  /// The texts of unmatched identifiers and the digests of bodies that are zeroed by now.
  package internal(set) var erasedTexts: Set<TextName> = []
  package let idempotencyWindow: Int

  /// Of the request being performed.
  package internal(set) var time = Instant(microseconds: 0)
  var key = KeyID(0)

  /// - Parameter idempotencyWindow: How many keyed writes are remembered.
  package init(idempotencyWindow: Int = 100_000) { self.idempotencyWindow = idempotencyWindow }

  /// The last position.
  package var end: Position { Position(UInt64(facts.count)) }
}

extension NaiveLedger {
  /// Carries a command out, or nothing of it; `time` must be later than every one before.
  package mutating func perform(
    _ command: Command, at time: Instant
  ) -> Result<Answer, Refusal> {
    let before = (now, facts.count, changesOfMembers, erasedTexts)
    self.time = time
    do {
      return .success(try carryOut(command))
    } catch {
      now = before.0
      facts.removeLast(facts.count - before.1)
      states.removeLast(states.count - before.1 - 1)
      changesOfMembers = before.2
      erasedTexts = before.3
      return .failure(error)
    }
  }

  private mutating func carryOut(_ command: Command) throws(Refusal) -> Answer {
    let start = facts.count
    let admission = try admit(command.author)
    key = admission.key
    if let idempotency = command.idempotency,
      let earlier = recorded(idempotency, by: admission.key)
    {
      guard let receipt = earlier.receipt, repeats(command.wish, receipt, earlier.position)
      else { throw .idempotencyKeyReused }
      // FAULTS 81: once somebody is erased whom the body may have named, the key alone decides.
      guard
        receipt.fingerprint.bytes == [] || receipt.fingerprint == fingerprint(idempotency)
          || erasedTexts.contains(earlier.fingerprintName)
      else { throw .idempotencyKeyReused }
      return .repeated(stored(receipt, of: earlier), earlier.position)
    }
    if let lesson = admission.learns { learn(lesson) }
    let answer = try grant(command.wish)
    guard facts.count > start else { return answer }
    for index in start..<facts.count { facts[index].request = end }
    if let idempotency = command.idempotency {
      facts[facts.count - 1].receipt = Receipt(
        key: PersonalText(idempotency.key),
        fingerprint: command.wish.namesErased == nil ? fingerprint(idempotency) : PersonalText([]),
        status: command.wish.status, answer: answer.receiptText)
    }
    return answer
  }

  /// The receipt as it is kept now.
  private func stored(_ receipt: Receipt, of fact: NaiveFact) -> Receipt {
    guard erasedTexts.contains(fact.fingerprintName) else { return receipt }
    return Receipt(
      key: receipt.key, fingerprint: .erased, status: receipt.status, answer: receipt.answer)
  }

  private func fingerprint(_ idempotency: Idempotency) -> PersonalText {
    var bytes: [UInt8] = []
    idempotency.fingerprint.append(to: &bytes)
    return PersonalText(bytes)
  }

  /// Of a request that erased nobody is sure whom it named: but not those who were there after it.
  private func repeats(_ wish: Wish, _ receipt: Receipt, _ position: Position) -> Bool {
    guard receipt.fingerprint.bytes == [] else { return true }
    guard let names = wish.namesErased, wish.isErase == (receipt.answer == "erased") else {
      return false
    }
    return !names.contains { name in
      guard case .user(let user) = states[Int(position.rawValue)].standing(ofUser: name) else {
        return false
      }
      // Of those erased since, nobody knows what they were called.
      return name.identifier == nil || now.users[user]?.isErased == false
    }
  }

  /// The last fact of the request of this API key that carried this idempotency key.
  private func recorded(_ idempotency: Idempotency, by key: KeyID) -> NaiveFact? {
    facts.filter { $0.receipt != nil }.suffix(idempotencyWindow)
      .last { $0.key == key && $0.receipt?.key.bytes == idempotency.key }
  }

  private mutating func grant(_ wish: Wish) throws(Refusal) -> Answer {
    switch wish {
    case .nameCohort(let naming): try name(naming)
    case .changeMembers(let change): try importMembers(change)
    case .trackUsers(let items): try track(items)
    case .importUsers(let lines): try importUsers(lines)
    case .addAliases(let items): try addAliases(items)
    case .updateAliases(let items): try updateAliases(items)
    case .identifyUsers(let items): try identify(items)
    case .mergeUsers(let items): try merge(items)
    case .renameExternalIDs(let items): try rename(items)
    case .removeExternalIDs(let ids): try remove(ids)
    case .deleteUsers(let names, let erase): try delete(names, erase: erase)
    case .eraseUser(let wish): try erase(wish)
    case .finishErasure(let position): try finishErasure(position)
    case .forgetUnmatched(let before, let through): try forget(before: before, through: through)
    case .enablePartner(let wish): try enable(wish)
    case .disablePartner(let code): try disable(code)
    case .issueKey(let wish): try issue(wish)
    case .invalidateKey(let key): try invalidate(key)
    case .archiveCohort(let name): try archive(name)
    case .restoreCohort(let name): try restore(name)
    case .saveSegment(let wish): try save(wish)
    case .archiveSegment(let id): try archive(id)
    case .restoreSegment(let id): try restore(id)
    case .saveCampaign(let wish): try save(wish)
    case .archiveCampaign(let reference): try archive(reference)
    case .restoreCampaign(let reference): try restore(reference)
    case .freezeAudience(let wish): try freeze(wish)
    case .noteRecovery(let note): noted(.recovered(note))
    case .noteRestoration(let note): noted(.restored(note))
    }
  }

  private mutating func noted(_ event: Event) -> Answer {
    record(event)
    return .done
  }

  /// Writes a fact down, once the state is what it is afterwards.
  mutating func record(_ event: Event) { record(.event(event)) }

  mutating func record(_ what: NaiveFact.What) {
    let position = end.advanced(by: 1)
    facts.append(
      NaiveFact(
        position: position, time: time, key: key, request: position, what: what, receipt: nil))
    for (cohort, members) in now.members
    where members != states[states.count - 1].members[cohort, default: []] {
      changesOfMembers[cohort, default: []].append(position)
    }
    states.append(now)
  }

  /// Carries out the items of a batch: those that throw change nothing.
  mutating func batch<Item>(
    _ items: [Item], _ body: (inout NaiveLedger, Item) throws(ItemRefusal) -> Void
  ) -> [ItemError] {
    var errors: [ItemError] = []
    for (index, item) in items.enumerated() {
      do { try body(&self, item) } catch {
        errors.append(ItemError(index: index, refusal: error))
      }
    }
    return errors
  }
}

extension Wish {
  /// Who is to be erased, if somebody is.
  var namesErased: [UserName]? {
    switch self {
    case .eraseUser(let wish): [wish.user]
    case .deleteUsers(let names, erase: .some): names
    default: nil
    }
  }

  var isErase: Bool { if case .eraseUser = self { true } else { false } }

  /// CONTRACT part 0: 201, and 202 for merges.
  var status: UInt16 {
    if case .mergeUsers = self { 202 } else { 201 }
  }
}
