import django.db.models.functions.datetime
from django.db import migrations, models


STATES = [
    ('queued', 'Waiting'), ('sending', 'Being sent'), ('sent', 'Sent'), ('delivered', 'Delivered'),
    ('undelivered', 'Not delivered'), ('failed', 'Failed'), ('expired', 'Expired before it was sent'), ('unknown', 'Not known'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0002_message_one_index_less'),
    ]

    operations = [
        migrations.CreateModel(
            name='OptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=16)),
                ('sender', models.CharField(max_length=40)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('number', 'sender'), name='one_opt_out_per_sender')],
            },
        ),
        migrations.CreateModel(
            name='PhoneLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=16, unique=True)),
                ('kind', models.CharField(max_length=8)),
                ('learnt_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddField(
            model_name='message',
            name='left_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='provider_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AlterField(
            model_name='message',
            name='state',
            field=models.CharField(choices=STATES, default='queued', max_length=12),
        ),
        migrations.AlterField(
            model_name='capturedmessage',
            name='state',
            field=models.CharField(choices=STATES, max_length=12),
        ),
        migrations.RunSQL(
            "UPDATE notifications_message SET context_sealed = NULL WHERE state = 'unknown'", migrations.RunSQL.noop
        ),
        migrations.RemoveConstraint(model_name='message', name='message_final_holds_no_secret'),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('sent', 'delivered', 'undelivered', 'failed', 'expired', 'unknown')), _negated=True), ('context_sealed__isnull', True), _connector='OR'), name='message_final_holds_no_secret'),
        ),
    ]
