import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0003_two_step_settings'),
    ]

    operations = [
        migrations.AddField(
            model_name='practicesettings',
            name='codes_service_sid',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, validators=[django.core.validators.RegexValidator('^MG[0-9a-f]{32}$')], verbose_name='Messaging Service for codes'),
        ),
        migrations.AddField(
            model_name='practicesettings',
            name='bulk_service_sid',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, validators=[django.core.validators.RegexValidator('^MG[0-9a-f]{32}$')], verbose_name='Messaging Service for all other texts'),
        ),
        migrations.AddField(
            model_name='practicesettings',
            name='voice_from',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, validators=[django.core.validators.RegexValidator('^(\\+[1-9][0-9]{6,14})?$')], verbose_name='number that calls come from'),
        ),
        migrations.AddConstraint(
            model_name='practicesettings',
            constraint=models.CheckConstraint(condition=models.Q(('codes_service_sid', ''), models.Q(('codes_service_sid', models.F('bulk_service_sid')), _negated=True), _connector='OR'), name='settings_bulk_never_sends_codes'),
        ),
    ]
