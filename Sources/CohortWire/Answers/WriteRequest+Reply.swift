package import CohortModel

/// What an answer needs beside what `decide` said.
package struct ReplyContext {
  package var names: Names
  /// A secret that was made and is shown this once.
  package var secret: [UInt8]?
  /// What a launch froze.
  package var frozen: FreezeAudience?
  /// What an erasure reached.
  package var erasure: ErasureShape?
  /// Live keys that a partner has beside the one that it was enabled with.
  package var otherKeys: [KeyID]

  package init(
    names: Names, secret: [UInt8]? = nil, frozen: FreezeAudience? = nil,
    erasure: ErasureShape? = nil, otherKeys: [KeyID] = []
  ) {
    self.names = names
    self.secret = secret
    self.frozen = frozen
    self.erasure = erasure
    self.otherKeys = otherKeys
  }
}

extension WriteRequest {
  /// The status of a success (CONTRACT part 0).
  package var successStatus: Int { kind == .merge ? 202 : 201 }

  /// The answer when there was nothing to be submitted.
  package func replyToNothing(at position: Position) -> Reply {
    Reply(status: successStatus) { json in
      json.member("message", "success")
      batch(0, [], &json)
      json.member("position", position)
    }
  }

  /// The answer to a command that was carried out.
  ///
  /// - Parameters:
  ///   - answer: What `decide` said.
  ///   - position: Of the last event of the request; of a request that recorded nothing the last
  ///     durable one.
  ///   - context: What the answer needs beside.
  /// - Returns: Status and body.
  package func reply(
    _ answer: Answer, at position: Position, _ context: ReplyContext
  ) -> Reply {
    if case .repeated(let receipt, let position) = answer {
      return reply(replaying: receipt, from: position, context)
    }
    return Reply(status: successStatus) { json in
      json.member("message", "success")
      members(of: answer, context, &json)
      json.member("position", position)
    }
  }

  private func members(
    of answer: Answer, _ context: ReplyContext, _ json: inout JSONWriter
  ) {
    switch answer {
    case .done, .repeated: break
    case .changedMembers(let counts, let results):
      json.key("outcomes")
      json.outcomes(counts)
      if case .wish(.changeMembers(let wish)) = action, wish.wantsResults {
        json.results(results, of: wish, context.names)
      }
    case .items(let processed, let errors): batch(processed, errors, &json)
    case .importedUsers(let created, let completed, let unchanged, let refused):
      json.member("created", created)
      json.member("completed", completed)
      json.member("unchanged", unchanged)
      json.refusedLines(refused.map { ($0.index, $0.refusal.description) })
    case .deletedUsers(let users, let errors):
      json.member("deleted", users.count)
      json.deletedUsers(users)
      if let erasure = context.erasure { json.erasure(erasure) }
      errorsArray(errors, &json)
    case .erasedUser: if let erasure = context.erasure { json.erasure(erasure) }
    case .issuedKey(let key):
      json.member("key_id", key.description)
      json.secret("secret", context.secret)
    case .enabledPartner(_, let key):
      if case .enablePartner(let new) = action { json.member("partner", utf8: new.code.bytes) }
      json.member("key_id", key.map { Text($0.description) })
      json.secret("partner_api_key", context.secret)
      // A key made for a partner that had some is a further one: they all open its door.
      if !context.otherKeys.isEmpty {
        json.key("other_keys")
        json.array { for key in context.otherKeys { $0.string(key.description) } }
      }
    case .savedSegment(let segment, let version):
      json.member("segment_id", segment.description)
      json.member("version", version)
    case .savedCampaign(let campaign, let version):
      json.member(campaign.kind.idKey, campaign.description)
      json.member("version", version)
    case .frozeAudience(let send):
      json.member("send_id", send.description)
      json.frozen(context.frozen)
    case .archived(let dependants): json.dependants(dependants, context.names)
    }
  }

  // MARK: Batches

  private func batch(_ processed: Int, _ errors: [ItemError], _ json: inout JSONWriter) {
    switch kind {
    case .renameExternalIDs, .removeExternalIDs:
      let isRename = kind == .renameExternalIDs
      let failed = Set(errors.map(\.index))
      let done = externalIDs.enumerated().filter { !failed.contains($0.offset) }.map(\.element)
      json.member(isRename ? "external_ids" : "removed_ids", done)
      json.key(isRename ? "rename_errors" : "removal_errors")
      json.array { json in
        for fault in faults(with: errors) {
          json.array {
            $0.integer(fault.place.index)
            $0.string(fault.text)
          }
        }
      }
    default:
      json.member(processedKey, processed)
      errorsArray(errors, &json)
      if !layout.ignored.isEmpty { json.member("ignored", layout.ignored) }
    }
  }

  /// What the answer calls the count of the items that stand.
  var processedKey: String {
    switch kind {
    case .track: "attributes_processed"
    case .merge: "merges_processed"
    default: "aliases_processed"
    }
  }

  /// The external ids that a rename or removal would leave as new or take away.
  var externalIDs: [Text] {
    guard case .wish(let wish) = action else { return [] }
    switch wish {
    case .renameExternalIDs(let items): return items.map(\.new)
    case .removeExternalIDs(let ids): return ids
    default: return []
    }
  }

  private func errorsArray(_ errors: [ItemError], _ json: inout JSONWriter) {
    let faults = faults(with: errors)
    guard !faults.isEmpty else { return }
    json.key("errors")
    json.array { json in
      for fault in faults {
        json.object {
          $0.member("type", fault.text)
          $0.member("input_array", fault.place.array)
          $0.member("index", fault.place.index)
        }
      }
    }
  }

  /// Items that made no sense and items that were refused, in the order of the body.
  private func faults(with errors: [ItemError]) -> [BatchLayout.Fault] {
    let refused = errors.compactMap { error in
      error.index < layout.places.count
        ? BatchLayout.Fault(
          place: layout.places[error.index], text: error.refusal.description) : nil
    }
    guard !layout.faults.isEmpty else { return refused }
    return (refused + layout.faults).sorted { $0.place.order < $1.place.order }
  }
}
