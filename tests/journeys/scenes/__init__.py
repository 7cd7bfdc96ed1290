"""Who stands before which page: a browser as its person left it, made without a browser, and the pages shown in it.

`test_every_page.py` opens them. Whoever adds a route adds it to a scene, or says in NO_PAGE why it is no page.
"""

from tests.journeys.scenes import (
    accounts,
    actions,
    agreements,
    anew,
    desk,
    enrolling,
    letters,
    links,
    outreach,
    patients,
    people,
    printed,
    rosters,
    settings,
    team,
    trail,
)
from tests.journeys.scenes.stage import SCENES, Scene, Stage

__all__ = [
    "NO_PAGE",
    "SCENES",
    "Scene",
    "Stage",
    "accounts",
    "actions",
    "agreements",
    "anew",
    "desk",
    "enrolling",
    "letters",
    "links",
    "outreach",
    "patients",
    "people",
    "printed",
    "rosters",
    "settings",
    "team",
    "trail",
]

NO_PAGE = {
    "a button": """
        close_welcome consent_decline enroll_new_code enroll_not_mine enroll_phone_again enroll_phone_call
        enroll_vouched inbox_answer keep_email open_record backup_codes_put_away passkey_sign_in protect_again
        protect_call reset_at_once_again reset_at_once_call reset_by_record_again reset_by_record_call
        second_step_again second_step_call second_step_choose set_language sign_in_link sign_out sign_out_elsewhere
        stay_signed_in step_up_wait verify_email_again staff:consent_begin staff:consent_discard
        staff:all_patients staff:consent_question_remove staff:consent_question_up staff:proxy_invite
        staff:settings_undo staff:invite_start staff:invite_pause staff:invite_resume
        staff:upload_import staff:upload_discard staff:conflict_keep staff:merge_leave
        staff:letters_printed staff:funnel_count staff:settings_preview staff:terms_preview staff:terms_publish
        join_staff_signed_in staff:options_decline staff:staff_invite_again staff:vouch_take_back
        """,
    "keeps what an address brought, and leads on": """
        join_staff_link options_reset_link not_my_options_link
        activate activate_add invitation known_browser_link not_me_link not_my_change_link not_my_email_link
        not_my_contacts_link
        reset_password_link
        verify_email_link not_my_proxy_link view_results view_result invited_to_care token_address
        """,
    "leads to the page of a choice": "enroll_credentials second_step",
    "for scripts": """
        enroll_phone_state passkey_question protect_state reset_at_once_state reset_by_record_state second_step_state
        """,
    "a file": "staff:upload_refused",
    "for Twilio": "twilio_status twilio_incoming",
    "a style sheet": "brand staff:preview_colour",
}
