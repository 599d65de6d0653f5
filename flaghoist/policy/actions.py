"""What can be done to each kind of resource, for ``_access``, for the editor of roles and for hints.

The list is open: a policy may name any action, and one that is missing here is decided upon like the others. The names
are those of LaunchDarkly's role reference (launchdarkly.com/docs/home/account/roles/role-actions); those of
``adaptive-trigger``, ``agent-optimization``, ``agent-skill``, ``ai-tool`` and ``oauth-client`` are made in its manner.
"""

from difflib import get_close_matches

_NAMES = {
    "acct": (
        "createAnnouncement updateAnnouncement deleteAnnouncement createSamlConfig deleteSamlConfig "
        "updateSamlDecryptionEnabled updateSamlDefaultRole updateSamlEnabled updateSamlLogoutUrl "
        "updateSamlRequestSigningEnabled updateSamlRequireSso updateSamlSsoUrl updateSamlX509Certificate "
        "updateSamlX509KeystoreId createScimConfig deleteScimConfig deleteAccount deleteAccountToken "
        "updateAccountToken updateAccountTokenLimit deleteSubscription updateSubscription getPaymentCard "
        "updatePaymentCard updateBillingContact updateOrganization updateAccountOwner revokeSessions "
        "updateRequireMfa updateSessionDuration updateSessionRefresh enableIdPManagingTeams "
        "disableIdPManagingTeams"
    ),
    "adaptive-trigger": "createAdaptiveTrigger updateAdaptiveTrigger deleteAdaptiveTrigger",
    "agent-graph": "createAgentGraph updateAgentGraph deleteAgentGraph",
    "agent-optimization": "createAgentOptimization updateAgentOptimization deleteAgentOptimization",
    "agent-skill": "createAgentSkill updateAgentSkill deleteAgentSkill",
    "ai-model-config": "createAIModelConfig deleteAIModelConfig",
    "ai-tool": "createAITool updateAITool deleteAITool",
    "aiconfig": (
        "createAIConfig updateAIConfig deleteAIConfig updateAIConfigVariation deleteAIConfigVariation "
        "createApprovalRequest updateApprovalRequest reviewApprovalRequest applyApprovalRequest "
        "deleteApprovalRequest"
    ),
    "application": (
        "createApplication deleteApplication updateApplicationDescription updateApplicationKind "
        "updateApplicationMaintainer createApplicationVersion deleteApplicationVersion "
        "updateApplicationVersionName updateApplicationVersionSupport"
    ),
    "code-reference-repository": (
        "createCodeRefsRepository deleteCodeRefsRepository updateCodeRefsRepositoryName "
        "updateCodeRefsRepositoryOn updateCodeRefsRepositoryBranches updateCodeRefsRepositoryConfiguration"
    ),
    "context-kind": "createContextKind updateContextKind updateAvailabilityForExperiments",
    "destination": "createDestination deleteDestination updateName updateConfiguration updateOn",
    "domain-verification": "createDomainVerification updateDomainVerification deleteDomainVerification",
    "env": (
        "createEnvironment deleteEnvironment deleteContextInstance importEventData updateApiKey "
        "updateMobileKey viewSdkKey updateApprovalSettings updateColor updateConfirmChanges updateCritical "
        "updateDefaultTrackEvents updateName updateRequireComments updateSecureMode updateTags updateTtl"
    ),
    "error": "viewError",
    "experiment": "createExperiment updateExperiment updateExperimentArchived",
    "flag": (
        "updateOn updateRules updateRulesWithMeasuredRollout updateFallthrough "
        "updateFallthroughWithMeasuredRollout updateMeasuredRolloutConfiguration "
        "stopMeasuredRolloutOnFlagFallthrough stopMeasuredRolloutOnFlagRule updateTargets "
        "updateExpiringTargets updateOffVariation updatePrerequisites updateScheduledChanges "
        "updateFeatureWorkflows updateFlagRuleDescription updateTrackEvents updateFlagFallthroughTrackEvents "
        "updateFlagSalt updateFlagConfigMigrationSettings copyFlagConfigFrom copyFlagConfigTo createFlag "
        "cloneFlag deleteFlag updateGlobalArchived updateDeprecated updateName updateDescription updateTags "
        "updateTemporary updateMaintainer updateFlagVariations updateFlagDefaultVariations "
        "updateVariationJsonSchema updateFlagCustomProperties updateClientSideFlagAvailability "
        "updateIncludeInSnippet createTriggers updateTriggers deleteTriggers createFlagLink updateFlagLink "
        "deleteFlagLink manageFlagFollowers createApprovalRequest updateApprovalRequest reviewApprovalRequest "
        "applyApprovalRequest deleteApprovalRequest bypassRequiredApproval addReleasePipeline "
        "replaceReleasePipeline removeReleasePipeline "
        "updateReleasePhaseStatus updateReleasePhaseCompleted updateAttachedGoals updateExperimentActive "
        "updateExperimentBaseline updateFlagCodeReferences deleteFlagAttachedGoalResults"
    ),
    "holdout": (
        "createHoldout addExperimentToHoldout removeExperimentFromHoldout updateHoldoutName "
        "updateHoldoutDescription updateHoldoutMethodology updateHoldoutStatus updateHoldoutRandomizationUnit"
    ),
    "integration": "createIntegration deleteIntegration updateName updateConfiguration updateOn validateConnection",
    "ip-allowlist": (
        "createIpAllowlistEntry updateIpAllowlistEntry updateIpAllowlistEnabled deleteIpAllowlistEntry viewIpAllowlist"
    ),
    "layer": "createLayer updateLayer updateLayerConfiguration",
    "log": "viewLog",
    "member": (
        "createMember deleteMember updateRole updateCustomRole updateMemberRoleAttributes "
        "approveDomainMatchedMember sendMfaRequest sendMfaRecoveryCode resetMemberMfa"
    ),
    "metric": (
        "createMetric deleteMetric updateName updateDescription updateTags updateMaintainer updateOn "
        "updateUrls updateSelector updateEventKey updateEventDefault updateNumeric updateNumericSuccess "
        "updateNumericUnit updateRandomizationUnits updateUnitAggregationType updateAnalysisType "
        "updateArchived updateFilters updateMetricDenominator updateWindowOffset"
    ),
    "metric-group": (
        "createMetricGroup deleteMetricGroup updateMetricGroupName updateMetricGroupDescription "
        "updateMetricGroupTags updateMetricGroupMaintainer updateMetricGroupMetrics"
    ),
    "oauth-client": "createOAuthClient updateOAuthClient deleteOAuthClient",
    "pending-request": "updatePendingRequest",
    "proj": (
        "createProject deleteProject viewProject updateProjectName updateTags "
        "updateDefaultClientSideAvailability updateIncludeInSnippetByDefault updateDefaultReleasePipeline "
        "updateProjectFlagDefaults updateLifecycleSettings updateObservabilitySettings "
        "updateViewAssociationRequirements"
    ),
    "prompt-snippet": "createPromptSnippet updatePromptSnippet deletePromptSnippet",
    "relay-proxy-config": (
        "createRelayAutoConfiguration deleteRelayAutoConfiguration resetRelayAutoConfiguration "
        "updateRelayAutoConfigurationName updateRelayAutoConfigurationPolicy"
    ),
    "release-pipeline": (
        "createReleasePipeline deleteReleasePipeline updateReleasePipelineName "
        "updateReleasePipelineDescription updateReleasePipelineTags updateReleasePipelinePhase "
        "updateReleasePipelinePhaseName"
    ),
    "release-policy": "createReleasePolicy updateReleasePolicy updateReleasePolicyRank deleteReleasePolicy",
    "role": (
        "createRole deleteRole updateName updateDescription updatePolicy updateBasePermissions updateMembers "
        "updateTokens"
    ),
    "segment": (
        "createApprovalRequest updateApprovalRequest reviewApprovalRequest applyApprovalRequest "
        "deleteApprovalRequest bypassRequiredSegmentApproval createSegment deleteSegment createSegmentExport "
        "updateName updateDescription updateTags updateIncluded updateExcluded updateRules "
        "updateExpiringTargets updateScheduledChanges"
    ),
    "service-token": (
        "createAccessToken deleteAccessToken resetAccessToken updateAccessTokenName "
        "updateAccessTokenDescription updateAccessTokenExpiry"
    ),
    "session": "viewSession",
    "team": (
        "createTeam deleteTeam viewTeam updateTeamName updateTeamDescription updateTeamMembers "
        "updateTeamCustomRoles updateTeamPermissionGrants"
    ),
    "template": "createTemplate viewTemplate deleteTemplate",
    "token": (
        "createAccessToken deleteAccessToken resetAccessToken updateAccessTokenName "
        "updateAccessTokenDescription updateAccessTokenPolicy updateAccessTokenExpiry"
    ),
    "trace": "viewTrace",
    "view": (
        "createView viewView updateView deleteView linkFlagToView unlinkFlagFromView linkSegmentToView "
        "unlinkSegmentFromView"
    ),
    "webhook": (
        "createWebhook deleteWebhook updateName updateOn updateQuery updateSecret updateStatements updateTags updateUrl"
    ),
}

ACTIONS: dict[str, tuple[str, ...]] = {type_: tuple(names.split()) for type_, names in _NAMES.items()}
"""The actions on each type of resource; a type without actions of its own is absent."""

_KNOWN = sorted({action for actions in ACTIONS.values() for action in actions})


def hint(action: str) -> str | None:
    """A doubt about an action in a policy: ``unknown action 'updateOnn'; did you mean 'updateOn'?``; None without one.

    A hint, not a refusal: globs and known actions raise none.
    """
    if "*" in action or action in _KNOWN:
        return None
    close = get_close_matches(action, _KNOWN, n=1)
    return f"unknown action {action!r}" + (f"; did you mean {close[0]!r}?" if close else "")
