/// What somebody asks for: a wish, in the imperative, that may be refused.
public struct Command: Sendable {
  public var author: Author
  public var wish: Wish
  /// Of a write that carried an idempotency key.
  public var idempotency: Idempotency?

  public init(author: Author, wish: Wish, idempotency: Idempotency? = nil) {
    self.author = author
    self.wish = wish
    self.idempotency = idempotency
  }
}

/// Who asks, with what they showed.
///
/// Checked when the request is sequenced. RULES §9.
public enum Author: Hashable, Sendable {
  /// The local operator: key 0.
  case local
  /// A REST key, by the SHA-256 of its secret; `needs` is what the route asks for.
  case bearer(Digest, from: NetworkAddress?, needs: Permission)
  /// A partner with its own key and a data import key, both by SHA-256 of their secrets.
  case partner(PartnerCredentials)
}

public struct PartnerCredentials: Hashable, Sendable {
  /// The partner of the path.
  public var code: Text
  public var partnerKey: Digest?
  public var dataImportKey: Digest?
  public var address: NetworkAddress?

  public init(
    code: Text, partnerKey: Digest?, dataImportKey: Digest?,
    address: NetworkAddress?
  ) {
    self.code = code
    self.partnerKey = partnerKey
    self.dataImportKey = dataImportKey
    self.address = address
  }
}

/// A key that makes a repeated request one request.
///
/// CONTRACT part 0.
public struct Idempotency: Hashable, Sendable {
  /// 1 to 255 bytes of printable ASCII.
  public var key: [UInt8]
  /// SHA-256 over method, path and body.
  public var fingerprint: Digest

  public init(key: [UInt8], fingerprint: Digest) {
    self.key = key
    self.fingerprint = fingerprint
  }
}

public enum Wish: Sendable {
  case nameCohort(NameCohort)
  case changeMembers(ChangeMembers)

  case trackUsers([TrackItem])
  /// One unit: at most 10,000 lines.
  case importUsers([ImportLine])
  case addAliases([AddAlias])
  case updateAliases([UpdateAlias])
  case identifyUsers([IdentifyUser])
  case mergeUsers([MergeUsers])
  case renameExternalIDs([RenameExternalID])
  case removeExternalIDs([Text])
  /// With `erase`, the personal texts too; the mentions of each come from the ledger.
  case deleteUsers([UserName], erase: EraseMentions?)
  case eraseUser(EraseUser)
  case finishErasure(Position)
  case forgetUnmatched(before: Instant, through: Position)

  case enablePartner(EnablePartner)
  case disablePartner(Text)
  case issueKey(IssueKey)
  case invalidateKey(KeyID)

  case archiveCohort(CohortName)
  case restoreCohort(CohortName)

  case saveSegment(SaveSegment)
  case archiveSegment(SegmentID)
  case restoreSegment(SegmentID)
  case saveCampaign(SaveCampaign)
  case archiveCampaign(CampaignReference)
  case restoreCampaign(CampaignReference)
  case freezeAudience(FreezeAudience)

  case noteRecovery(Recovered)
  case noteRestoration(Restored)
}
