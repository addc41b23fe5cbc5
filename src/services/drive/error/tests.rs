//! Unit tests of what a refusal means.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_documented_reason_has_its_class() {
    // The reasons of Google's guide on errors and of its guides on sharing, one list for each class.
    let of = |class: fn(Class) -> bool, words: &str| {
        for word in words.split_whitespace() {
            let reason = Reason::of_word(word);
            assert!(reason.is_some_and(|reason| class(reason.class())), "{word}: {reason:?}");
        }
    };
    of(
        |class| class == Class::RateLimited(None),
        "rateLimitExceeded userRateLimitExceeded sharingRateLimitExceeded quotaExceeded",
    );
    of(|class| class == Class::Transient, "backendError internalError transientError");
    of(|class| class == Class::Auth, "authError");
    of(
        |class| class == Class::Quota,
        "storageQuotaExceeded dailyLimitExceeded activeItemCreationLimitExceeded downloadQuotaExceeded \
         numChildrenInNonRootLimitExceeded teamDriveFileLimitExceeded",
    );
    of(
        |class| class == Class::Permanent,
        "domainPolicy accessNotConfigured myDriveHierarchyDepthLimitExceeded teamDriveHierarchyTooDeep badRequest \
         invalidSharingRequest notFound insufficientFilePermissions appNotAuthorizedToFile fileNotDownloadable \
         fileNotExportable exportSizeLimitExceeded cannotModifyInheritedPermission \
         cannotModifyInheritedTeamDrivePermission teamDriveMembershipRequired teamDrivesFolderMoveInNotSupported \
         teamDrivesParentLimit ownershipChangeAcrossDomainNotPermitted invalidOwnershipTransfer \
         ownerOnTeamDriveItemNotSupported cannotRemoveOwner cannotSetExpirationOnAnyoneOrDomain \
         expirationDatesMustBeInTheFuture cannotDownloadAbusiveFile permissionNotFound pendingOwnerWriterRequired",
    );
    assert_eq!(Reason::of_word("somethingNew"), None);
}

#[test]
fn every_reason_that_waiting_does_not_cure_says_what_to_do() {
    let says_itself =
        [Reason::PermissionNotFound, Reason::Exists, Reason::TooLarge, Reason::LocalFile, Reason::Other];
    let mut codes = BTreeSet::new();
    for reason in Reason::ALL {
        assert!(codes.insert(reason.code()), "{} is there twice", reason.code());
        let may_pass = matches!(reason.class(), Class::Transient | Class::RateLimited(_));
        assert!(reason.hint().is_some() || may_pass || says_itself.contains(reason), "{reason:?}");
        assert!(reason.hint().is_none_or(|hint| hint.ends_with('.')), "{reason:?}");
    }
}

#[test]
fn a_failure_keeps_what_the_queue_needs() {
    let failure = Failure::from(Error::new(Reason::StorageFull, "Drive has no room").status(403));
    insta::assert_snapshot!(serde_json::to_string_pretty(&failure).unwrap(), @r#"
    {
      "class": "permanent",
      "code": "drive_storage_full",
      "message": "Drive has no room",
      "hint": "A service account owns no storage: put the file into a shared drive, or act for a user by delegation. A user has to make room."
    }
    "#);
    let until = Timestamp::from_millis(5_000);
    let mut limited = Error::new(Reason::RateLimit, "too fast");
    assert_eq!(Failure::from(limited.clone()).class, FailureClass::Transient);
    limited.class = Class::RateLimited(Some(until));
    assert_eq!(Failure::from(limited).class, FailureClass::RateLimited(until));
}
