import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire

// Who a launch went to: `GET /audiences/{send_id}`.

extension Question {
  /// The frozen list, evaluated again at its position, which must give the digest that was frozen.
  ///
  /// With `verify=true` the answer says whether it does; without, a list that is another is not
  /// shown.
  func audience() throws -> Answered {
    let query = try query()
    let text = match.ids[0].description
    guard let send = SendID(text), let record = now.state.campaigns[send] else {
      throw WireError(
        404,
        "There is no send '\(TerminalText.escaped(String(text.prefix(64))))'. "
          + "Name one as in send:1; the details of a campaign list them.")
    }
    let frozen = record.frozen
    let cursor = try cursor(query)
    let seen = try view(.position(frozen.position), at: frozen.instant)
    let standing =
      try cursor.map { try self.standing(query, at: $0, asked: seen) }
      ?? Standing(query: query, view: seen, identities: now.end, after: 0)
    let subject = Pasts.Subject.What.send(send, seen.instant)
    let verify = try query.flag(.verify)
    let recipients = try users(subject, standing, .then).users
    let isAsFrozen =
      recipients.count == Int(clamping: frozen.size) && recipients.audienceDigest == frozen.digest
    guard verify || isAsFrozen else {
      throw WireError(
        500, "Log damaged",
        [
          JSONText.Member(
            "reason",
            .string(
              "The audience of \(send) computed again has another digest. "
                + "Check the log with 'cohort verify'."))
        ])
    }
    return try answer(members(subject, standing), standing) { json in
      json.member("send_id", send.description)
      json.member(frozen.campaign.kind.idKey, frozen.campaign.description)
      json.member("version", frozen.version)
      json.member("launched_at", record.time)
      json.member("size", frozen.size)
      json.member("digest", frozen.digest)
      if verify { json.member("verified", isAsFrozen) }
    }
  }
}
